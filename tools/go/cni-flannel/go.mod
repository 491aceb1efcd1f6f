module groundup/tools/cni-flannel

go 1.26

require github.com/containernetworking/plugins v0.9.1
