package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"net"
	"time"

	"github.com/hetznercloud/hcloud-go/v2/hcloud"
)

var (
	falkenstein = &hcloud.Location{Name: "fsn1"}
	cpx22       = &hcloud.ServerType{Name: "cpx22"}
	debian      = &hcloud.Image{Name: "debian-12"}
)

// publicKey is a new key as OpenSSH writes it.
func publicKey() string {
	key, _, _ := ed25519.GenerateKey(rand.Reader)
	var blob []byte
	for _, part := range [][]byte{[]byte("ssh-ed25519"), key} {
		blob = binary.BigEndian.AppendUint32(blob, uint32(len(part)))
		blob = append(blob, part...)
	}
	return "ssh-ed25519 " + base64.StdEncoding.EncodeToString(blob)
}

func keys() *hcloud.SSHKey {
	text := publicKey()
	key, _, err := client.SSHKey.Create(ctx, hcloud.SSHKeyCreateOpts{Name: "key", PublicKey: text, Labels: labels})
	key = must(key, err)
	reads("SSHKey", func(o *hcloud.SSHKey) int64 { return o.ID }, key, "key", collection[*hcloud.SSHKey, hcloud.SSHKeyListOpts]{
		client.SSHKey.GetByID, client.SSHKey.GetByName, client.SSHKey.Get,
		client.SSHKey.List, client.SSHKey.All, client.SSHKey.AllWithOpts,
	})
	check("SSHKey: GetByFingerprint", func() error {
		found, _, err := client.SSHKey.GetByFingerprint(ctx, key.Fingerprint)
		if err != nil {
			return err
		}
		return expect(found != nil && found.ID == key.ID, "another one was found")
	})
	check("SSHKey: Update", func() error {
		_, _, err := client.SSHKey.Update(ctx, key, hcloud.SSHKeyUpdateOpts{Name: "key-2"})
		return err
	})
	refused("SSHKey: the same key twice", hcloud.ErrorCodeUniquenessError, func() error {
		_, _, err := client.SSHKey.Create(ctx, hcloud.SSHKeyCreateOpts{Name: "other", PublicKey: text})
		return err
	})
	return key
}

func servers(key *hcloud.SSHKey, network *hcloud.Network, firewall *hcloud.Firewall) *hcloud.Server {
	made, _, err := client.Server.Create(ctx, hcloud.ServerCreateOpts{
		Name: "server", ServerType: cpx22, Image: debian, Location: falkenstein, SSHKeys: []*hcloud.SSHKey{key},
		Labels: labels, Firewalls: []*hcloud.ServerCreateFirewall{{Firewall: *firewall}},
	})
	made = must(made, err)
	server := made.Server
	check("Server: created and started", func() error {
		return client.Action.WaitFor(ctx, append(made.NextActions, made.Action)...)
	})
	refresh := func() {
		found, _, err := client.Server.GetByID(ctx, server.ID)
		server = must(found, err)
	}
	refresh()
	reads("Server", func(o *hcloud.Server) int64 { return o.ID }, server, "server", collection[*hcloud.Server, hcloud.ServerListOpts]{
		client.Server.GetByID, client.Server.GetByName, client.Server.Get,
		client.Server.List, client.Server.All, client.Server.AllWithOpts,
	})
	for name, step := range map[string]func() error{
		"Reboot":        func() error { return done(client.Server.Reboot(ctx, server)) },
		"Reset":         func() error { return done(client.Server.Reset(ctx, server)) },
		"EnableBackup":  func() error { return done(client.Server.EnableBackup(ctx, server, "")) },
		"DisableRescue": func() error { return done(client.Server.DisableRescue(ctx, server)) },
		"DetachISO":     func() error { return done(client.Server.DetachISO(ctx, server)) },
	} {
		check("Server: "+name, step)
	}
	check("Server: ResetPassword", func() error {
		result, _, err := client.Server.ResetPassword(ctx, server)
		if err != nil {
			return err
		}
		return expect(result.RootPassword != "", "no password")
	})
	wait(server)
	check("Server: RequestConsole", func() error {
		result, _, err := client.Server.RequestConsole(ctx, server)
		if err != nil {
			return err
		}
		return expect(result.WSSURL != "" && result.Password != "", "no console")
	})
	check("Server: EnableRescue", func() error {
		result, _, err := client.Server.EnableRescue(ctx, server, hcloud.ServerEnableRescueOpts{Type: hcloud.ServerRescueTypeLinux64, SSHKeys: []*hcloud.SSHKey{key}})
		if err != nil {
			return err
		}
		return expect(result.RootPassword != "", "no password")
	})
	check("Server: AttachISO", func() error {
		return done(client.Server.AttachISO(ctx, server, must(client.ISO.All(ctx))[0]))
	})
	check("Server: GetMetrics", func() error {
		metrics, _, err := client.Server.GetMetrics(ctx, server, hcloud.ServerGetMetricsOpts{
			Types: []hcloud.ServerMetricType{hcloud.ServerMetricCPU, hcloud.ServerMetricDisk, hcloud.ServerMetricNetwork},
			Start: time.Now().Add(-time.Hour), End: time.Now(), Step: 60,
		})
		if err != nil {
			return err
		}
		return expect(len(metrics.TimeSeries) == 9, "%d series", len(metrics.TimeSeries))
	})
	images(server)
	check("Server: DisableBackup", func() error { return done(client.Server.DisableBackup(ctx, server)) })
	check("Server: Rebuild", func() error {
		return done(client.Server.Rebuild(ctx, server, hcloud.ServerRebuildOpts{Image: debian}))
	})
	check("Server: RebuildWithResult", func() error {
		result, _, err := client.Server.RebuildWithResult(ctx, server, hcloud.ServerRebuildOpts{Image: debian})
		if err != nil {
			return err
		}
		return client.Action.WaitFor(ctx, result.Action)
	})
	check("Server: AttachToNetwork", func() error {
		if err := done(client.Server.AttachToNetwork(ctx, server, hcloud.ServerAttachToNetworkOpts{Network: network, IP: net.ParseIP("10.0.1.7")})); err != nil {
			return err
		}
		refresh()
		return expect(len(server.PrivateNet) == 1 && server.PrivateNet[0].IP.String() == "10.0.1.7", "%v", server.PrivateNet)
	})
	refused("Server: attached twice", hcloud.ErrorCodeServerAlreadyAttached, func() error {
		return done(client.Server.AttachToNetwork(ctx, server, hcloud.ServerAttachToNetworkOpts{Network: network}))
	})
	check("Server: ChangeAliasIPs", func() error {
		return done(client.Server.ChangeAliasIPs(ctx, server, hcloud.ServerChangeAliasIPsOpts{Network: network, AliasIPs: []net.IP{net.ParseIP("10.0.1.8")}}))
	})
	check("Server: DetachFromNetwork", func() error {
		return done(client.Server.DetachFromNetwork(ctx, server, hcloud.ServerDetachFromNetworkOpts{Network: network}))
	})
	check("Server: ChangeDNSPtr", func() error {
		return done(client.Server.ChangeDNSPtr(ctx, server, server.PublicNet.IPv4.IP.String(), hcloud.Ptr("a.example.com")))
	})
	check("RDNS: ChangeDNSPtr", func() error {
		return done(client.RDNS.ChangeDNSPtr(ctx, server, server.PublicNet.IPv4.IP, nil))
	})
	refused("Server: another type while it runs", hcloud.ErrorCodeServerNotStopped, func() error {
		return done(client.Server.ChangeType(ctx, server, hcloud.ServerChangeTypeOpts{ServerType: &hcloud.ServerType{Name: "cpx32"}}))
	})
	check("Server: Shutdown", func() error { return done(client.Server.Shutdown(ctx, server)) })
	check("Server: Poweroff", func() error { return done(client.Server.Poweroff(ctx, server)) })
	groups(server)
	check("Server: ChangeType", func() error {
		return done(client.Server.ChangeType(ctx, server, hcloud.ServerChangeTypeOpts{ServerType: &hcloud.ServerType{Name: "cpx32"}}))
	})
	check("Server: Poweron", func() error { return done(client.Server.Poweron(ctx, server)) })
	check("Server: Update", func() error {
		_, _, err := client.Server.Update(ctx, server, hcloud.ServerUpdateOpts{Name: "server-2", Labels: map[string]string{"tier": "web"}})
		return err
	})
	check("Server: ChangeProtection", func() error {
		return done(client.Server.ChangeProtection(ctx, server, hcloud.ServerChangeProtectionOpts{Delete: hcloud.Ptr(true), Rebuild: hcloud.Ptr(true)}))
	})
	refused("Server: deleting what is protected", hcloud.ErrorCodeProtected, func() error {
		_, _, err := client.Server.DeleteWithResult(ctx, server)
		return err
	})
	must(0, done(client.Server.ChangeProtection(ctx, server, hcloud.ServerChangeProtectionOpts{Delete: hcloud.Ptr(false), Rebuild: hcloud.Ptr(false)})))
	check("Server: DeleteWithResult", func() error {
		second, _, err := client.Server.Create(ctx, hcloud.ServerCreateOpts{
			Name: "second", ServerType: cpx22, Image: debian, Location: falkenstein, Networks: []*hcloud.Network{network},
			PublicNet: &hcloud.ServerCreatePublicNet{},
		})
		if err != nil {
			return err
		}
		if err := client.Action.WaitFor(ctx, append(second.NextActions, second.Action)...); err != nil {
			return err
		}
		result, _, err := client.Server.DeleteWithResult(ctx, second.Server)
		if err != nil {
			return err
		}
		return client.Action.WaitFor(ctx, result.Action)
	})
	actionsOf("Server", server, client.Server.Action, client.Server.Action.ListFor, client.Server.Action.AllFor)
	refresh()
	return server
}

// wait lets whatever still runs on a server end.
func wait(server *hcloud.Server) {
	running := must(client.Server.Action.AllFor(ctx, server, hcloud.ActionListOpts{Status: []hcloud.ActionStatus{hcloud.ActionStatusRunning}}))
	must(0, client.Action.WaitFor(ctx, running...))
}

func images(server *hcloud.Server) {
	var image *hcloud.Image
	check("Server: CreateImage", func() error {
		result, _, err := client.Server.CreateImage(ctx, server, &hcloud.ServerCreateImageOpts{Type: hcloud.ImageTypeSnapshot, Description: hcloud.Ptr("kept"), Labels: labels})
		if err != nil {
			return err
		}
		image = result.Image
		return client.Action.WaitFor(ctx, result.Action)
	})
	check("Image: Update", func() error {
		_, _, err := client.Image.Update(ctx, image, hcloud.ImageUpdateOpts{Description: hcloud.Ptr("still kept")})
		return err
	})
	check("Image: ChangeProtection", func() error {
		return done(client.Image.ChangeProtection(ctx, image, hcloud.ImageChangeProtectionOpts{Delete: hcloud.Ptr(true)}))
	})
	refused("Image: deleting what is protected", hcloud.ErrorCodeProtected, func() error {
		_, err := client.Image.Delete(ctx, image)
		return err
	})
	must(0, done(client.Image.ChangeProtection(ctx, image, hcloud.ImageChangeProtectionOpts{Delete: hcloud.Ptr(false)})))
	actionsOf("Image", image, client.Image.Action, client.Image.Action.ListFor, client.Image.Action.AllFor)
	check("Image: Delete", func() error {
		_, err := client.Image.Delete(ctx, image)
		return err
	})
}

func groups(server *hcloud.Server) {
	made, _, err := client.PlacementGroup.Create(ctx, hcloud.PlacementGroupCreateOpts{Name: "group", Type: hcloud.PlacementGroupTypeSpread, Labels: labels})
	group := must(made, err).PlacementGroup
	reads("PlacementGroup", func(o *hcloud.PlacementGroup) int64 { return o.ID }, group, "group", collection[*hcloud.PlacementGroup, hcloud.PlacementGroupListOpts]{
		client.PlacementGroup.GetByID, client.PlacementGroup.GetByName, client.PlacementGroup.Get,
		client.PlacementGroup.List, client.PlacementGroup.All, client.PlacementGroup.AllWithOpts,
	})
	check("Server: AddToPlacementGroup", func() error { return done(client.Server.AddToPlacementGroup(ctx, server, group)) })
	refused("PlacementGroup: deleting one in use", hcloud.ErrorCodeResourceInUse, func() error {
		_, err := client.PlacementGroup.Delete(ctx, group)
		return err
	})
	check("Server: RemoveFromPlacementGroup", func() error { return done(client.Server.RemoveFromPlacementGroup(ctx, server)) })
	check("PlacementGroup: Update", func() error {
		_, _, err := client.PlacementGroup.Update(ctx, group, hcloud.PlacementGroupUpdateOpts{Name: "group-2"})
		return err
	})
	check("PlacementGroup: Delete", func() error {
		_, err := client.PlacementGroup.Delete(ctx, group)
		return err
	})
}

func volumes(server *hcloud.Server) {
	made, _, err := client.Volume.Create(ctx, hcloud.VolumeCreateOpts{Name: "volume", Size: 10, Location: falkenstein, Format: hcloud.Ptr("xfs"), Labels: labels})
	volume := must(made, err).Volume
	must(0, client.Action.WaitFor(ctx, append(made.NextActions, made.Action)...))
	reads("Volume", func(o *hcloud.Volume) int64 { return o.ID }, volume, "volume", collection[*hcloud.Volume, hcloud.VolumeListOpts]{
		client.Volume.GetByID, client.Volume.GetByName, client.Volume.Get,
		client.Volume.List, client.Volume.All, client.Volume.AllWithOpts,
	})
	check("Volume: Attach", func() error { return done(client.Volume.Attach(ctx, volume, server)) })
	refused("Volume: deleting an attached one", hcloud.ErrorCodeServiceError, func() error {
		_, err := client.Volume.Delete(ctx, volume)
		return err
	})
	check("Volume: Detach", func() error { return done(client.Volume.Detach(ctx, volume)) })
	check("Volume: AttachWithOpts", func() error {
		if err := done(client.Volume.AttachWithOpts(ctx, volume, hcloud.VolumeAttachOpts{Server: server, Automount: hcloud.Ptr(false)})); err != nil {
			return err
		}
		return done(client.Volume.Detach(ctx, volume))
	})
	check("Volume: Resize", func() error { return done(client.Volume.Resize(ctx, volume, 20)) })
	check("Volume: Update", func() error {
		_, _, err := client.Volume.Update(ctx, volume, hcloud.VolumeUpdateOpts{Name: "volume-2"})
		return err
	})
	check("Volume: ChangeProtection", func() error {
		if err := done(client.Volume.ChangeProtection(ctx, volume, hcloud.VolumeChangeProtectionOpts{Delete: hcloud.Ptr(true)})); err != nil {
			return err
		}
		return done(client.Volume.ChangeProtection(ctx, volume, hcloud.VolumeChangeProtectionOpts{Delete: hcloud.Ptr(false)}))
	})
	actionsOf("Volume", volume, client.Volume.Action, client.Volume.Action.ListFor, client.Volume.Action.AllFor)
	check("Volume: Delete", func() error {
		_, err := client.Volume.Delete(ctx, volume)
		return err
	})
}
