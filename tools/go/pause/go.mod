module groundup/tools/pause

go 1.26
