package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strconv"
	"time"
)

// dial opens HOST:PORT through the SOCKS5 proxy and copies both directions until the far end closes.
func dial(proxy, host, port string, input io.Reader, output io.Writer) error {
	address, err := netip.ParseAddr(host)
	if err != nil || !address.Is4() {
		return fmt.Errorf("%q is not an IPv4 address", host)
	}
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return fmt.Errorf("%q is not a port", port)
	}
	connection, err := net.DialTimeout("tcp", proxy, 5*time.Second)
	if err != nil {
		return fmt.Errorf("no tunnel listens on %s: %w", proxy, err)
	}
	defer connection.Close()
	if err := socksConnect(connection, address, uint16(number)); err != nil {
		return err
	}
	go func() {
		io.Copy(connection, input)
		connection.(*net.TCPConn).CloseWrite()
	}()
	_, err = io.Copy(output, connection)
	return err
}

// socksConnect is RFC 1928 without authentication, for one IPv4 address.
func socksConnect(connection net.Conn, address netip.Addr, port uint16) error {
	four := address.As4()
	request := append([]byte{5, 1, 0, 5, 1, 0, 1}, four[:]...)
	request = binary.BigEndian.AppendUint16(request, port)
	if _, err := connection.Write(request[:3]); err != nil {
		return err
	}
	greeting := make([]byte, 2)
	if _, err := io.ReadFull(connection, greeting); err != nil {
		return err
	}
	if greeting[0] != 5 || greeting[1] != 0 {
		return errors.New("the proxy does not speak SOCKS5 without a password")
	}
	if _, err := connection.Write(request[3:]); err != nil {
		return err
	}
	answer := make([]byte, 4)
	if _, err := io.ReadFull(connection, answer); err != nil {
		return err
	}
	if answer[1] != 0 {
		return fmt.Errorf("%s:%d cannot be reached through the tunnel (SOCKS answer %d)", address, port, answer[1])
	}
	rest := map[byte]int{1: 4 + 2, 4: 16 + 2}[answer[3]]
	if rest == 0 {
		return errors.New("the proxy's answer has an unknown address type")
	}
	_, err := io.ReadFull(connection, make([]byte, rest))
	return err
}
