// A small server and client for proving that a cluster's network carries what it should.
//
//	probe serve ADDRESS   answers / with the host's name and /bytes?n=N with N bytes
//	probe get URL         prints the answer's body, exits 1 when there is none within five seconds
//	probe dial HOST:PORT  exits 0 when a TCP connection opens within three seconds
package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"time"
)

const largestAnswer = 64 << 20

func serve(address string) error {
	host, err := os.Hostname()
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, host) })
	mux.HandleFunc("GET /bytes", func(w http.ResponseWriter, r *http.Request) {
		n, err := strconv.Atoi(r.URL.Query().Get("n"))
		if err != nil || n < 0 || n > largestAnswer {
			http.Error(w, fmt.Sprintf("n must be a number from 0 to %d", largestAnswer), http.StatusBadRequest)
			return
		}
		w.Write(bytes.Repeat([]byte{'x'}, n))
	})
	server := http.Server{Addr: address, Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	return server.ListenAndServe()
}

func get(url string) error {
	client := http.Client{Timeout: 5 * time.Second}
	answer, err := client.Get(url)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if _, err := io.Copy(os.Stdout, answer.Body); err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answered %s", url, answer.Status)
	}
	return nil
}

func dial(address string) error {
	connection, err := net.DialTimeout("tcp", address, 3*time.Second)
	if err != nil {
		return err
	}
	return connection.Close()
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: probe serve ADDRESS | get URL | dial HOST:PORT")
		os.Exit(2)
	}
	commands := map[string]func(string) error{"serve": serve, "get": get, "dial": dial}
	command, known := commands[os.Args[1]]
	if !known {
		fmt.Fprintf(os.Stderr, "probe: no command %q: serve, get and dial are known\n", os.Args[1])
		os.Exit(2)
	}
	if err := command(os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "probe:", err)
		os.Exit(1)
	}
}
