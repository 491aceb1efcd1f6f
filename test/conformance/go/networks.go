package main

import (
	"net"

	"github.com/hetznercloud/hcloud-go/v2/hcloud"
)

func cidr(text string) *net.IPNet {
	_, parsed, err := net.ParseCIDR(text)
	return must(parsed, err)
}

func networks() *hcloud.Network {
	subnet := hcloud.NetworkSubnet{Type: hcloud.NetworkSubnetTypeCloud, IPRange: cidr("10.0.1.0/24"), NetworkZone: hcloud.NetworkZoneEUCentral}
	network, _, err := client.Network.Create(ctx, hcloud.NetworkCreateOpts{
		Name: "network", IPRange: cidr("10.0.0.0/16"), Subnets: []hcloud.NetworkSubnet{subnet}, Labels: labels,
	})
	network = must(network, err)
	reads("Network", func(o *hcloud.Network) int64 { return o.ID }, network, "network", collection[*hcloud.Network, hcloud.NetworkListOpts]{
		client.Network.GetByID, client.Network.GetByName, client.Network.Get,
		client.Network.List, client.Network.All, client.Network.AllWithOpts,
	})
	second := subnet
	second.IPRange = cidr("10.0.2.0/24")
	check("Network: AddSubnet", func() error {
		return done(client.Network.AddSubnet(ctx, network, hcloud.NetworkAddSubnetOpts{Subnet: second}))
	})
	refused("Network: a subnet that overlaps", hcloud.ErrorCodeInvalidInput, func() error {
		return done(client.Network.AddSubnet(ctx, network, hcloud.NetworkAddSubnetOpts{Subnet: second}))
	})
	check("Network: DeleteSubnet", func() error {
		return done(client.Network.DeleteSubnet(ctx, network, hcloud.NetworkDeleteSubnetOpts{Subnet: second}))
	})
	route := hcloud.NetworkRoute{Destination: cidr("10.100.1.0/24"), Gateway: net.ParseIP("10.0.1.5")}
	check("Network: AddRoute", func() error {
		return done(client.Network.AddRoute(ctx, network, hcloud.NetworkAddRouteOpts{Route: route}))
	})
	check("Network: DeleteRoute", func() error {
		return done(client.Network.DeleteRoute(ctx, network, hcloud.NetworkDeleteRouteOpts{Route: route}))
	})
	check("Network: ChangeIPRange", func() error {
		return done(client.Network.ChangeIPRange(ctx, network, hcloud.NetworkChangeIPRangeOpts{IPRange: cidr("10.0.0.0/12")}))
	})
	check("Network: Update", func() error {
		_, _, err := client.Network.Update(ctx, network, hcloud.NetworkUpdateOpts{Name: "network-2"})
		return err
	})
	check("Network: ChangeProtection", func() error {
		if err := done(client.Network.ChangeProtection(ctx, network, hcloud.NetworkChangeProtectionOpts{Delete: hcloud.Ptr(true)})); err != nil {
			return err
		}
		return done(client.Network.ChangeProtection(ctx, network, hcloud.NetworkChangeProtectionOpts{Delete: hcloud.Ptr(false)}))
	})
	check("Network: members", func() error {
		if _, _, err := client.Network.ListMembers(ctx, network, hcloud.NetworkMemberListOpts{}); err != nil {
			return err
		}
		if _, err := client.Network.AllMembersWithOpts(ctx, network, hcloud.NetworkMemberListOpts{}); err != nil {
			return err
		}
		members, err := client.Network.AllMembers(ctx, network)
		if err != nil {
			return err
		}
		return expect(len(members) == 0, "%d members of an empty network", len(members))
	})
	actionsOf("Network", network, client.Network.Action, client.Network.Action.ListFor, client.Network.Action.AllFor)
	return network
}

func firewalls() *hcloud.Firewall {
	rule := hcloud.FirewallRule{
		Direction: hcloud.FirewallRuleDirectionIn, Protocol: hcloud.FirewallRuleProtocolTCP,
		SourceIPs: []net.IPNet{*cidr("0.0.0.0/0"), *cidr("::/0")}, Port: hcloud.Ptr("443"),
	}
	made, _, err := client.Firewall.Create(ctx, hcloud.FirewallCreateOpts{Name: "firewall", Labels: labels, Rules: []hcloud.FirewallRule{rule}})
	firewall := must(made, err).Firewall
	must(0, client.Action.WaitFor(ctx, made.Actions...))
	reads("Firewall", func(o *hcloud.Firewall) int64 { return o.ID }, firewall, "firewall", collection[*hcloud.Firewall, hcloud.FirewallListOpts]{
		client.Firewall.GetByID, client.Firewall.GetByName, client.Firewall.Get,
		client.Firewall.List, client.Firewall.All, client.Firewall.AllWithOpts,
	})
	check("Firewall: SetRules", func() error {
		return doneAll(client.Firewall.SetRules(ctx, firewall, hcloud.FirewallSetRulesOpts{Rules: []hcloud.FirewallRule{rule, rule}}))
	})
	rule.Port = nil
	refused("Firewall: a rule without port", hcloud.ErrorCodeInvalidInput, func() error {
		return doneAll(client.Firewall.SetRules(ctx, firewall, hcloud.FirewallSetRulesOpts{Rules: []hcloud.FirewallRule{rule}}))
	})
	check("Firewall: Update", func() error {
		_, _, err := client.Firewall.Update(ctx, firewall, hcloud.FirewallUpdateOpts{Name: "firewall-2"})
		return err
	})
	actionsOf("Firewall", firewall, client.Firewall.Action, client.Firewall.Action.ListFor, client.Firewall.Action.AllFor)
	return firewall
}

// targets takes a firewall from a server, gives it back by labels, and deletes it.
func targets(firewall *hcloud.Firewall, server *hcloud.Server) {
	direct := []hcloud.FirewallResource{{Type: hcloud.FirewallResourceTypeServer, Server: &hcloud.FirewallResourceServer{ID: server.ID}}}
	selected := []hcloud.FirewallResource{{
		Type: hcloud.FirewallResourceTypeLabelSelector, LabelSelector: &hcloud.FirewallResourceLabelSelector{Selector: "tier=web"},
	}}
	refused("Firewall: applied twice", hcloud.ErrorCodeFirewallAlreadyApplied, func() error {
		return doneAll(client.Firewall.ApplyResources(ctx, firewall, direct))
	})
	check("Firewall: RemoveResources", func() error {
		return doneAll(client.Firewall.RemoveResources(ctx, firewall, direct))
	})
	check("Firewall: ApplyResources", func() error {
		if err := doneAll(client.Firewall.ApplyResources(ctx, firewall, selected)); err != nil {
			return err
		}
		found, _, err := client.Firewall.GetByID(ctx, firewall.ID)
		if err != nil {
			return err
		}
		return expect(len(found.AppliedTo) == 1 && len(found.AppliedTo[0].AppliedToResources) == 1, "%v", found.AppliedTo)
	})
	refused("Firewall: one by labels is not removed", hcloud.ErrorCodeFirewallManagedByLabelSelector, func() error {
		return doneAll(client.Firewall.RemoveResources(ctx, firewall, direct))
	})
	refused("Firewall: deleting one in use", hcloud.ErrorCodeResourceInUse, func() error {
		_, err := client.Firewall.Delete(ctx, firewall)
		return err
	})
	must(0, doneAll(client.Firewall.RemoveResources(ctx, firewall, selected)))
	check("Firewall: Delete", func() error {
		_, err := client.Firewall.Delete(ctx, firewall)
		return err
	})
}

func addresses(server *hcloud.Server) {
	floating(server)
	made, _, err := client.PrimaryIP.Create(ctx, hcloud.PrimaryIPCreateOpts{
		Name: "primary", Type: hcloud.PrimaryIPTypeIPv4, AssigneeType: "server", Location: "fsn1", Labels: labels,
	})
	address := must(made, err).PrimaryIP
	reads("PrimaryIP", func(o *hcloud.PrimaryIP) int64 { return o.ID }, address, "primary", collection[*hcloud.PrimaryIP, hcloud.PrimaryIPListOpts]{
		client.PrimaryIP.GetByID, client.PrimaryIP.GetByName, client.PrimaryIP.Get,
		client.PrimaryIP.List, client.PrimaryIP.All, client.PrimaryIP.AllWithOpts,
	})
	check("PrimaryIP: GetByIP", func() error {
		found, _, err := client.PrimaryIP.GetByIP(ctx, address.IP.String())
		if err != nil {
			return err
		}
		return expect(found != nil && found.ID == address.ID, "another one was found")
	})
	must(0, done(client.Server.Poweroff(ctx, server)))
	old := server.PublicNet.IPv4.ID
	check("PrimaryIP: Unassign", func() error { return done(client.PrimaryIP.Unassign(ctx, old)) })
	assign := func(id int64) error {
		return done(client.PrimaryIP.Assign(ctx, hcloud.PrimaryIPAssignOpts{ID: id, AssigneeID: server.ID, AssigneeType: "server"}))
	}
	check("PrimaryIP: Assign", func() error { return assign(address.ID) })
	refused("PrimaryIP: deleting an assigned one", "must_be_unassigned", func() error {
		_, err := client.PrimaryIP.Delete(ctx, address)
		return err
	})
	must(0, done(client.PrimaryIP.Unassign(ctx, address.ID)))
	must(0, assign(old))
	must(0, done(client.Server.Poweron(ctx, server)))
	refused("PrimaryIP: unassigning while the server runs", hcloud.ErrorCodeServerNotStopped, func() error {
		return done(client.PrimaryIP.Unassign(ctx, old))
	})
	check("PrimaryIP: ChangeDNSPtr", func() error {
		return done(client.PrimaryIP.ChangeDNSPtr(ctx, hcloud.PrimaryIPChangeDNSPtrOpts{ID: address.ID, IP: address.IP.String(), DNSPtr: "b.example.com"}))
	})
	check("PrimaryIP: ChangeProtection", func() error {
		if err := done(client.PrimaryIP.ChangeProtection(ctx, hcloud.PrimaryIPChangeProtectionOpts{ID: address.ID, Delete: true})); err != nil {
			return err
		}
		return done(client.PrimaryIP.ChangeProtection(ctx, hcloud.PrimaryIPChangeProtectionOpts{ID: address.ID}))
	})
	check("PrimaryIP: Update", func() error {
		_, _, err := client.PrimaryIP.Update(ctx, address, hcloud.PrimaryIPUpdateOpts{Name: "primary-2"})
		return err
	})
	actionsOf("PrimaryIP", address, client.PrimaryIP.Action, client.PrimaryIP.Action.ListFor, client.PrimaryIP.Action.AllFor)
	check("PrimaryIP: Delete", func() error {
		_, err := client.PrimaryIP.Delete(ctx, address)
		return err
	})
}

func floating(server *hcloud.Server) {
	made, _, err := client.FloatingIP.Create(ctx, hcloud.FloatingIPCreateOpts{
		Type: hcloud.FloatingIPTypeIPv4, HomeLocation: falkenstein, Name: hcloud.Ptr("floating"), Labels: labels,
	})
	address := must(made, err).FloatingIP
	reads("FloatingIP", func(o *hcloud.FloatingIP) int64 { return o.ID }, address, "floating", collection[*hcloud.FloatingIP, hcloud.FloatingIPListOpts]{
		client.FloatingIP.GetByID, client.FloatingIP.GetByName, client.FloatingIP.Get,
		client.FloatingIP.List, client.FloatingIP.All, client.FloatingIP.AllWithOpts,
	})
	check("FloatingIP: Assign", func() error { return done(client.FloatingIP.Assign(ctx, address, server)) })
	check("FloatingIP: Unassign", func() error { return done(client.FloatingIP.Unassign(ctx, address)) })
	check("FloatingIP: ChangeDNSPtr", func() error {
		return done(client.FloatingIP.ChangeDNSPtr(ctx, address, address.IP.String(), hcloud.Ptr("c.example.com")))
	})
	check("FloatingIP: ChangeProtection", func() error {
		if err := done(client.FloatingIP.ChangeProtection(ctx, address, hcloud.FloatingIPChangeProtectionOpts{Delete: hcloud.Ptr(true)})); err != nil {
			return err
		}
		return done(client.FloatingIP.ChangeProtection(ctx, address, hcloud.FloatingIPChangeProtectionOpts{Delete: hcloud.Ptr(false)}))
	})
	check("FloatingIP: Update", func() error {
		_, _, err := client.FloatingIP.Update(ctx, address, hcloud.FloatingIPUpdateOpts{Description: "back", Name: "floating-2"})
		return err
	})
	actionsOf("FloatingIP", address, client.FloatingIP.Action, client.FloatingIP.Action.ListFor, client.FloatingIP.Action.AllFor)
	check("FloatingIP: Delete", func() error {
		_, err := client.FloatingIP.Delete(ctx, address)
		return err
	})
}
