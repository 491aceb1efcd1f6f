// A WireGuard client in user space: it needs no root, no interface and no route, and offers the other side of
// the tunnel as a SOCKS5 proxy on loopback.
//
//	tunnel serve FILE              FILE holds the configuration as JSON; - reads standard input
//	tunnel dial PROXY HOST PORT    joins standard input and output to HOST:PORT through the proxy (for ssh)
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
)

func main() {
	if err := run(os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "tunnel:", err)
		os.Exit(1)
	}
}

func run(arguments []string, input io.Reader, output io.Writer) error {
	switch {
	case len(arguments) == 2 && arguments[0] == "serve":
		config, err := readConfig(arguments[1], input)
		if err != nil {
			return err
		}
		return serve(config, func(address string) error {
			return json.NewEncoder(output).Encode(map[string]string{"listening": address})
		})
	case len(arguments) == 4 && arguments[0] == "dial":
		return dial(arguments[1], arguments[2], arguments[3], input, output)
	}
	return fmt.Errorf("usage: tunnel serve FILE | tunnel dial PROXY HOST PORT")
}
