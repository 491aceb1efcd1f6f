// Every method of every client of hcloud-go, against the endpoint in HCLOUD_ENDPOINT.
package main

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"reflect"
	"regexp"
	"strings"
	"time"

	"github.com/hetznercloud/hcloud-go/v2/hcloud"
)

//go:embed *.go
var sources embed.FS

var (
	ctx    = context.Background()
	client = newClient()
	labels = map[string]string{"made-by": "conformance"}
)

func newClient() *hcloud.Client {
	return hcloud.NewClient(
		hcloud.WithEndpoint(os.Getenv("HCLOUD_ENDPOINT")),
		hcloud.WithHetznerEndpoint(os.Getenv("HCLOUD_ENDPOINT")),
		hcloud.WithToken(os.Getenv("HCLOUD_TOKEN")),
		hcloud.WithPollOpts(hcloud.PollOpts{BackoffFunc: hcloud.ConstantBackoff(20 * time.Millisecond)}),
		hcloud.WithRetryOpts(hcloud.RetryOpts{BackoffFunc: hcloud.ConstantBackoff(10 * time.Millisecond), MaxRetries: 5}),
	)
}

type outcome struct {
	Check string `json:"check"`
	OK    bool   `json:"ok"`
	Error string `json:"error,omitempty"`
}

func report(check string, err error) {
	line := outcome{Check: check, OK: err == nil}
	if err != nil {
		line.Error = err.Error()
	}
	text, _ := json.Marshal(line)
	fmt.Println(string(text))
}

// check is a step that must end without an error.
func check(name string, step func() error) {
	defer func() {
		if cause := recover(); cause != nil {
			report(name, fmt.Errorf("panic: %v", cause))
		}
	}()
	report(name, step())
}

// refused is a step that the API must refuse with a code.
func refused(name string, code hcloud.ErrorCode, step func() error) {
	err := step()
	switch {
	case err == nil:
		report(name, fmt.Errorf("was not refused"))
	case hcloud.IsError(err, code):
		report(name, nil)
	default:
		report(name, fmt.Errorf("refused otherwise: %w", err))
	}
}

func expect(holds bool, what string, arguments ...any) error {
	if holds {
		return nil
	}
	return fmt.Errorf(what, arguments...)
}

// must ends the program: without this thing nothing else can be checked.
func must[T any](thing T, err error) T {
	if err != nil {
		report("a thing that others need", err)
		os.Exit(1)
	}
	return thing
}

// done waits for an action.
func done(action *hcloud.Action, _ *hcloud.Response, err error) error {
	if err != nil || action == nil {
		return err
	}
	return client.Action.WaitFor(ctx, action)
}

func doneAll(actions []*hcloud.Action, _ *hcloud.Response, err error) error {
	if err != nil {
		return err
	}
	return client.Action.WaitFor(ctx, actions...)
}

func main() {
	catalogue()
	key := keys()
	network := networks()
	firewall := firewalls()
	server := servers(key, network, firewall)
	targets(firewall, server)
	volumes(server)
	addresses(server)
	balancers(network, server)
	zones()
	actions(server)
	wire()
	refusedAltogether()
	check("Server: Delete", func() error {
		_, err := client.Server.Delete(ctx, server)
		return err
	})
	check("Network: Delete", func() error {
		_, err := client.Network.Delete(ctx, network)
		return err
	})
	check("SSHKey: Delete", func() error {
		_, err := client.SSHKey.Delete(ctx, key)
		return err
	})
	report("every method was called", forgotten())
}

// forgotten looks for methods of the client that no line of this program names.
func forgotten() error {
	var text strings.Builder
	names := must(fs.Glob(sources, "*.go"))
	for _, name := range names {
		text.Write(must(sources.ReadFile(name)))
	}
	var missing []string
	everything := reflect.TypeFor[hcloud.Client]()
	for index := range everything.NumField() {
		field := everything.Field(index)
		// The first live at another host of Hetzner's, the second are gone: see refusedAltogether.
		if !field.IsExported() || strings.HasPrefix(field.Name, "StorageBox") || field.Name == "Datacenter" {
			continue
		}
		missing = append(missing, unnamed(text.String(), "client."+field.Name, reflect.PointerTo(field.Type))...)
		// actionsOf calls every method of a client of actions.
		actions := "client." + field.Name + ".Action"
		if _, has := field.Type.FieldByName("Action"); has && !strings.Contains(text.String(), actions+", "+actions+".ListFor, "+actions+".AllFor)") {
			missing = append(missing, actions)
		}
	}
	return expect(len(missing) == 0, "not called: %s", strings.Join(missing, ", "))
}

func unnamed(text, prefix string, of reflect.Type) []string {
	var missing []string
	for index := range of.NumMethod() {
		name := prefix + "." + of.Method(index).Name
		if !regexp.MustCompile(regexp.QuoteMeta(name) + `\b`).MatchString(text) {
			missing = append(missing, name)
		}
	}
	return missing
}
