module groundup/tools/probe

go 1.26
