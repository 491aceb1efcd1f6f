package main

import (
	"strings"

	"github.com/hetznercloud/hcloud-go/v2/hcloud"
)

func zones() {
	made, _, err := client.Zone.Create(ctx, hcloud.ZoneCreateOpts{
		Name: "example.com", Mode: hcloud.ZoneModePrimary, TTL: hcloud.Ptr(10800), Labels: labels,
		RRSets: []hcloud.ZoneCreateOptsRRSet{{Name: "www", Type: hcloud.ZoneRRSetTypeA, Records: []hcloud.ZoneRRSetRecord{{Value: "192.0.2.1"}}}},
	})
	zone := must(made, err).Zone
	must(0, client.Action.WaitFor(ctx, made.Action))
	reads("Zone", func(o *hcloud.Zone) int64 { return o.ID }, zone, "example.com", collection[*hcloud.Zone, hcloud.ZoneListOpts]{
		client.Zone.GetByID, client.Zone.GetByName, client.Zone.Get,
		client.Zone.List, client.Zone.All, client.Zone.AllWithOpts,
	})
	refused("Zone: the same name twice", hcloud.ErrorCodeUniquenessError, func() error {
		_, _, err := client.Zone.Create(ctx, hcloud.ZoneCreateOpts{Name: "example.com", Mode: hcloud.ZoneModePrimary})
		return err
	})
	check("Zone: Update", func() error {
		_, _, err := client.Zone.Update(ctx, zone, hcloud.ZoneUpdateOpts{Labels: map[string]string{"a": "b"}})
		return err
	})
	check("Zone: ChangeTTL", func() error { return done(client.Zone.ChangeTTL(ctx, zone, hcloud.ZoneChangeTTLOpts{TTL: 3600})) })
	check("Zone: ChangeProtection", func() error {
		return done(client.Zone.ChangeProtection(ctx, zone, hcloud.ZoneChangeProtectionOpts{Delete: hcloud.Ptr(true)}))
	})
	refused("Zone: deleting what is protected", hcloud.ErrorCodeProtected, func() error {
		_, _, err := client.Zone.Delete(ctx, zone)
		return err
	})
	must(0, done(client.Zone.ChangeProtection(ctx, zone, hcloud.ZoneChangeProtectionOpts{Delete: hcloud.Ptr(false)})))
	recordSets(zone)
	check("Zone: ExportZonefile and ImportZonefile", func() error {
		exported, _, err := client.Zone.ExportZonefile(ctx, zone)
		if err != nil {
			return err
		}
		text := exported.Zonefile + "\nimported 300 IN TXT \"yes\"\n"
		if err := done(client.Zone.ImportZonefile(ctx, zone, hcloud.ZoneImportZonefileOpts{Zonefile: text})); err != nil {
			return err
		}
		again, _, err := client.Zone.ExportZonefile(ctx, zone)
		if err != nil {
			return err
		}
		return expect(strings.Contains(again.Zonefile, "imported"), "%s", again.Zonefile)
	})
	actionsOf("Zone", zone, client.Zone.Action, client.Zone.Action.ListFor, client.Zone.Action.AllFor)
	check("Zone: Delete", func() error {
		result, _, err := client.Zone.Delete(ctx, zone)
		if err != nil {
			return err
		}
		return client.Action.WaitFor(ctx, result.Action)
	})
	secondary()
}

func secondary() {
	made, _, err := client.Zone.Create(ctx, hcloud.ZoneCreateOpts{
		Name: "example.org", Mode: hcloud.ZoneModeSecondary,
		PrimaryNameservers: []hcloud.ZoneCreateOptsPrimaryNameserver{{Address: "203.0.113.1", Port: 53}},
	})
	zone := must(made, err).Zone
	must(0, client.Action.WaitFor(ctx, made.Action))
	check("Zone: ChangePrimaryNameservers", func() error {
		if err := done(client.Zone.ChangePrimaryNameservers(ctx, zone, hcloud.ZoneChangePrimaryNameserversOpts{
			PrimaryNameservers: []hcloud.ZoneChangePrimaryNameserversOptsPrimaryNameserver{{Address: "203.0.113.2", Port: 5353}},
		})); err != nil {
			return err
		}
		found, _, err := client.Zone.GetByID(ctx, zone.ID)
		if err != nil {
			return err
		}
		return expect(len(found.PrimaryNameservers) == 1 && found.PrimaryNameservers[0].Port == 5353, "%+v", found.PrimaryNameservers)
	})
	_, _, err = client.Zone.Delete(ctx, zone)
	must(0, err)
}

func recordSets(zone *hcloud.Zone) {
	check("Zone: CreateRRSet", func() error {
		made, _, err := client.Zone.CreateRRSet(ctx, zone, hcloud.ZoneRRSetCreateOpts{
			Name: "api", Type: hcloud.ZoneRRSetTypeA, TTL: hcloud.Ptr(300), Labels: labels,
			Records: []hcloud.ZoneRRSetRecord{{Value: "192.0.2.2", Comment: "first"}},
		})
		if err != nil {
			return err
		}
		return client.Action.WaitFor(ctx, made.Action)
	})
	set, _, err := client.Zone.GetRRSetByNameAndType(ctx, zone, "api", hcloud.ZoneRRSetTypeA)
	set = must(set, err)
	check("Zone: record sets are found", func() error {
		byID, _, err := client.Zone.GetRRSetByID(ctx, zone, set.ID)
		if err != nil {
			return err
		}
		none, _, err := client.Zone.GetRRSetByNameAndType(ctx, zone, "nothing", hcloud.ZoneRRSetTypeA)
		if err != nil {
			return err
		}
		listed, _, err := client.Zone.ListRRSets(ctx, zone, hcloud.ZoneRRSetListOpts{Type: []hcloud.ZoneRRSetType{hcloud.ZoneRRSetTypeA}})
		if err != nil {
			return err
		}
		named, err := client.Zone.AllRRSetsWithOpts(ctx, zone, hcloud.ZoneRRSetListOpts{Name: "api"})
		if err != nil {
			return err
		}
		all, err := client.Zone.AllRRSets(ctx, zone)
		if err != nil {
			return err
		}
		return expect(byID.ID == set.ID && none == nil && len(listed) == 2 && len(named) == 1 && len(all) == 4,
			"%d of type A, %d by name, %d in all", len(listed), len(named), len(all))
	})
	records := func(values ...string) (wanted []hcloud.ZoneRRSetRecord) {
		for _, value := range values {
			wanted = append(wanted, hcloud.ZoneRRSetRecord{Value: value})
		}
		return wanted
	}
	for _, step := range []struct {
		name   string
		run    func() error
		wanted []string
	}{
		{"SetRRSetRecords", func() error {
			return done(client.Zone.SetRRSetRecords(ctx, set, hcloud.ZoneRRSetSetRecordsOpts{Records: records("192.0.2.3")}))
		}, []string{"192.0.2.3"}},
		{"AddRRSetRecords", func() error {
			return done(client.Zone.AddRRSetRecords(ctx, set, hcloud.ZoneRRSetAddRecordsOpts{Records: records("192.0.2.4")}))
		}, []string{"192.0.2.3", "192.0.2.4"}},
		{"UpdateRRSetRecords", func() error {
			return done(client.Zone.UpdateRRSetRecords(ctx, set, hcloud.ZoneRRSetUpdateRecordsOpts{Records: []hcloud.ZoneRRSetRecord{{Value: "192.0.2.4", Comment: "second"}}}))
		}, []string{"192.0.2.3", "192.0.2.4"}},
		{"RemoveRRSetRecords", func() error {
			return done(client.Zone.RemoveRRSetRecords(ctx, set, hcloud.ZoneRRSetRemoveRecordsOpts{Records: records("192.0.2.3")}))
		}, []string{"192.0.2.4"}},
	} {
		check("Zone: "+step.name, func() error {
			if err := step.run(); err != nil {
				return err
			}
			found, _, err := client.Zone.GetRRSetByID(ctx, zone, set.ID)
			if err != nil {
				return err
			}
			var values []string
			for _, record := range found.Records {
				values = append(values, record.Value)
			}
			return expect(strings.Join(values, " ") == strings.Join(step.wanted, " "), "%v", values)
		})
	}
	check("Zone: ChangeRRSetTTL", func() error {
		return done(client.Zone.ChangeRRSetTTL(ctx, set, hcloud.ZoneRRSetChangeTTLOpts{TTL: hcloud.Ptr(600)}))
	})
	check("Zone: UpdateRRSet", func() error {
		_, _, err := client.Zone.UpdateRRSet(ctx, set, hcloud.ZoneRRSetUpdateOpts{Labels: map[string]string{"x": "y"}})
		return err
	})
	protect := func(on bool) error {
		return done(client.Zone.ChangeRRSetProtection(ctx, set, hcloud.ZoneRRSetChangeProtectionOpts{Change: &on}))
	}
	check("Zone: ChangeRRSetProtection", func() error { return protect(true) })
	refused("Zone: deleting a protected record set", hcloud.ErrorCodeProtected, func() error {
		_, _, err := client.Zone.DeleteRRSet(ctx, set)
		return err
	})
	must(0, protect(false))
	check("Zone: DeleteRRSet", func() error {
		result, _, err := client.Zone.DeleteRRSet(ctx, set)
		if err != nil {
			return err
		}
		return client.Action.WaitFor(ctx, result.Action)
	})
}
