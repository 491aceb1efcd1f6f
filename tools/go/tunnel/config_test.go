package main

import (
	"strings"
	"testing"
)

const key = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

func valid() string {
	return `{"privateKey":"` + key + `","address":"10.99.0.2","mtu":1420,"listen":"127.0.0.1:0","idleMinutes":1,
	"peer":{"publicKey":"` + key + `","endpoint":"198.18.0.1:51820","allowedIps":["10.0.0.0/16"],"keepaliveSeconds":25}}`
}

func TestValidConfiguration(t *testing.T) {
	config, err := readConfig("-", strings.NewReader(valid()))
	if err != nil {
		t.Fatal(err)
	}
	want := "allowed_ip=10.0.0.0/16\n"
	if !strings.Contains(config.device(), want) {
		t.Errorf("device configuration %q lacks %q", config.device(), want)
	}
}

func TestMistakesAreAllNamedAndKeysNeverRepeated(t *testing.T) {
	text := strings.NewReplacer("127.0.0.1:0", "0.0.0.0:1080", "10.99.0.2", "x", "1420", "9", "AAAA=", "AA=").Replace(valid())
	_, err := readConfig("-", strings.NewReader(text))
	if err == nil {
		t.Fatal("accepted")
	}
	for _, part := range []string{"privateKey", "peer.publicKey", "address", "mtu", "listen"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not name %s", err, part)
		}
	}
	if strings.Contains(err.Error(), key[:20]) {
		t.Error("the message repeats a key")
	}
}

func TestUnknownFieldsAreRefused(t *testing.T) {
	_, err := readConfig("-", strings.NewReader(strings.Replace(valid(), `"mtu"`, `"mut"`, 1)))
	if err == nil || !strings.Contains(err.Error(), "mut") {
		t.Errorf("got %v", err)
	}
}
