module groundup/tools/flannel

go 1.26

require github.com/flannel-io/flannel v0.26.7
