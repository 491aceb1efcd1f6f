// A network interface that gives every packet back which is routed to it, in order, a fixed time later: what netem does
// where a kernel has it. Arguments: the interface's name and the delay in microseconds. Ends when the interface does.
package main

import (
	"fmt"
	"os"
	"strconv"
	"time"

	"golang.zx2c4.com/wireguard/tun"
)

const (
	mtu = 1500
	// Room for the header that the kernel's segmentation offload puts before a packet.
	offset = 16
	// Packets on their way: beyond that they are dropped, as by any router.
	queue = 1 << 14
)

type packet struct {
	due  time.Time
	data []byte
}

func main() {
	if err := run(os.Args); err != nil {
		fmt.Fprintln(os.Stderr, "delay:", err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	if len(arguments) != 3 {
		return fmt.Errorf("usage: delay INTERFACE MICROSECONDS")
	}
	micros, err := strconv.Atoi(arguments[2])
	if err != nil || micros < 0 {
		return fmt.Errorf("%q is no number of microseconds", arguments[2])
	}
	device, err := tun.CreateTUN(arguments[1], mtu)
	if err != nil {
		return fmt.Errorf("interface %s: %w", arguments[1], err)
	}
	go func() {
		for range device.Events() { // Nobody else reads them, and an unread one would hold the device up.
		}
	}()
	underway := make(chan packet, queue)
	go giveBack(device, underway)
	return take(device, time.Duration(micros)*time.Microsecond, underway)
}

func take(device tun.Device, delay time.Duration, underway chan<- packet) error {
	buffers := make([][]byte, device.BatchSize())
	for index := range buffers {
		buffers[index] = make([]byte, offset+1<<16)
	}
	sizes := make([]int, len(buffers))
	for {
		count, err := device.Read(buffers, sizes, offset)
		if err != nil {
			return err
		}
		due := time.Now().Add(delay)
		for index := range count {
			data := make([]byte, offset+sizes[index])
			copy(data[offset:], buffers[index][offset:offset+sizes[index]])
			select {
			case underway <- packet{due, data}:
			default:
			}
		}
	}
}

func giveBack(device tun.Device, underway <-chan packet) {
	for one := range underway {
		time.Sleep(time.Until(one.due))
		if _, err := device.Write([][]byte{one.data}, offset); err != nil {
			fmt.Fprintln(os.Stderr, "delay:", err)
		}
	}
}
