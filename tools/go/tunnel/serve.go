package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/netip"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/things-go/go-socks5"
	"golang.zx2c4.com/wireguard/conn"
	"golang.zx2c4.com/wireguard/device"
	"golang.zx2c4.com/wireguard/tun/netstack"
)

// serve brings the tunnel up, tells ready where the proxy listens, and returns when the process is asked to end
// or has been idle for too long.
func serve(config Config, ready func(address string) error) error {
	tun, network, err := netstack.CreateNetTUN([]netip.Addr{netip.MustParseAddr(config.Address)}, nil, config.MTU)
	if err != nil {
		return fmt.Errorf("the user-space network could not be made: %w", err)
	}
	wireguard := device.NewDevice(tun, conn.NewDefaultBind(), device.NewLogger(device.LogLevelError, "tunnel: "))
	defer wireguard.Close()
	if err := wireguard.IpcSet(config.device()); err != nil {
		return fmt.Errorf("WireGuard refuses the configuration: %w", err)
	}
	if err := wireguard.Up(); err != nil {
		return fmt.Errorf("WireGuard could not be brought up: %w", err)
	}

	listener, err := net.Listen("tcp", config.Listen)
	if err != nil {
		return fmt.Errorf("the proxy cannot listen: %w", err)
	}
	defer listener.Close()
	counted := &countingListener{Listener: listener}
	counted.lastUse.Store(time.Now().UnixNano())

	proxy := socks5.NewServer(
		socks5.WithDial(network.DialContext),
		socks5.WithResolver(addressesOnly{}),
		socks5.WithLogger(socks5.NewLogger(log.New(io.Discard, "", 0))),
	)
	failed := make(chan error, 1)
	go func() { failed <- proxy.Serve(counted) }()
	if err := ready(listener.Addr().String()); err != nil {
		return err
	}

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	ticks := time.NewTicker(time.Second)
	defer ticks.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case err := <-failed:
			return err
		case <-ticks.C:
			if config.IdleMinutes > 0 && counted.idle() > time.Duration(config.IdleMinutes)*time.Minute {
				return nil
			}
		}
	}
}

// addressesOnly refuses names: nothing inside the tunnel answers DNS, and asking outside would tell others what
// is reached here.
type addressesOnly struct{}

func (addressesOnly) Resolve(ctx context.Context, name string) (context.Context, net.IP, error) {
	return ctx, nil, fmt.Errorf("%q is a name; the tunnel carries addresses only", name)
}

type countingListener struct {
	net.Listener
	open    atomic.Int64
	lastUse atomic.Int64
}

func (l *countingListener) Accept() (net.Conn, error) {
	connection, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l.open.Add(1)
	return &countedConnection{Conn: connection, listener: l}, nil
}

func (l *countingListener) idle() time.Duration {
	if l.open.Load() > 0 {
		return 0
	}
	return time.Since(time.Unix(0, l.lastUse.Load()))
}

type countedConnection struct {
	net.Conn
	listener *countingListener
	closed   atomic.Bool
}

func (c *countedConnection) Close() error {
	if c.closed.CompareAndSwap(false, true) {
		c.listener.open.Add(-1)
		c.listener.lastUse.Store(time.Now().UnixNano())
	}
	return c.Conn.Close()
}

// CloseWrite lets one direction end before the other, which ssh and HTTP rely on.
func (c *countedConnection) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}
