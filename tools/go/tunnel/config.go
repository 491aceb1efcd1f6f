package main

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"strings"
)

// Config is one tunnel: our identity, the one peer, and where the proxy listens.
type Config struct {
	// PrivateKey and Peer.PublicKey are 32 bytes in base64, as `wg` prints them.
	PrivateKey string `json:"privateKey"`
	// Address is our own address inside the tunnel, without a prefix length.
	Address string `json:"address"`
	MTU     int    `json:"mtu"`
	Peer    Peer   `json:"peer"`
	// Listen is a loopback address with a port; port 0 picks a free one.
	Listen string `json:"listen"`
	// IdleMinutes ends the program after so long without a connection; 0 never does.
	IdleMinutes int `json:"idleMinutes"`
}

// Peer is the gateway.
type Peer struct {
	PublicKey        string   `json:"publicKey"`
	Endpoint         string   `json:"endpoint"`
	AllowedIPs       []string `json:"allowedIps"`
	KeepaliveSeconds int      `json:"keepaliveSeconds"`
}

func readConfig(path string, input io.Reader) (Config, error) {
	var config Config
	if path != "-" {
		file, err := os.Open(path)
		if err != nil {
			return config, err
		}
		defer file.Close()
		input = file
	}
	decoder := json.NewDecoder(input)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&config); err != nil {
		return config, fmt.Errorf("the configuration is not what this program reads: %w", err)
	}
	return config, config.check()
}

// check names every mistake at once and never repeats a key.
func (c Config) check() error {
	var mistakes []error
	if _, err := keyInHex(c.PrivateKey); err != nil {
		mistakes = append(mistakes, fmt.Errorf("privateKey %w", err))
	}
	if _, err := keyInHex(c.Peer.PublicKey); err != nil {
		mistakes = append(mistakes, fmt.Errorf("peer.publicKey %w", err))
	}
	if _, err := netip.ParseAddr(c.Address); err != nil {
		mistakes = append(mistakes, fmt.Errorf("address %q is not an IP address", c.Address))
	}
	if c.MTU < 576 || c.MTU > 1500 {
		mistakes = append(mistakes, fmt.Errorf("mtu %d is not between 576 and 1500", c.MTU))
	}
	if _, err := netip.ParseAddrPort(c.Peer.Endpoint); err != nil {
		mistakes = append(mistakes, fmt.Errorf("peer.endpoint %q is not ADDRESS:PORT", c.Peer.Endpoint))
	}
	if len(c.Peer.AllowedIPs) == 0 {
		mistakes = append(mistakes, errors.New("peer.allowedIps is empty: nothing would go through the tunnel"))
	}
	for _, allowed := range c.Peer.AllowedIPs {
		if _, err := netip.ParsePrefix(allowed); err != nil {
			mistakes = append(mistakes, fmt.Errorf("peer.allowedIps: %q is not a range such as 10.0.0.0/16", allowed))
		}
	}
	listen, err := netip.ParseAddrPort(c.Listen)
	if err != nil || !listen.Addr().IsLoopback() {
		mistakes = append(mistakes, fmt.Errorf("listen %q is not a loopback address with a port, such as 127.0.0.1:0", c.Listen))
	}
	return errors.Join(mistakes...)
}

// device is the configuration as wireguard-go's UAPI reads it.
func (c Config) device() string {
	private, _ := keyInHex(c.PrivateKey)
	public, _ := keyInHex(c.Peer.PublicKey)
	var text strings.Builder
	fmt.Fprintf(&text, "private_key=%s\npublic_key=%s\nendpoint=%s\n", private, public, c.Peer.Endpoint)
	if c.Peer.KeepaliveSeconds > 0 {
		fmt.Fprintf(&text, "persistent_keepalive_interval=%d\n", c.Peer.KeepaliveSeconds)
	}
	for _, allowed := range c.Peer.AllowedIPs {
		fmt.Fprintf(&text, "allowed_ip=%s\n", allowed)
	}
	return text.String()
}

func keyInHex(key string) (string, error) {
	raw, err := base64.StdEncoding.DecodeString(key)
	if err != nil || len(raw) != 32 {
		return "", errors.New("is not 32 bytes in base64")
	}
	return hex.EncodeToString(raw), nil
}
