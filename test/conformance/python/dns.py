"""Zones and their record sets."""

from hcloud import APIException

from common import LABELS, checks, client, done


def zones() -> None:
    from hcloud.zones import ZonePrimaryNameserver, ZoneRecord, ZoneRRSet

    made = done(client.zones.create(name="example.org", mode="primary", ttl=600, labels=LABELS))
    zone = made.zone
    with checks.check("zones: get by id and name"):
        assert client.zones.get("example.org").id == client.zones.get(zone.id).id == zone.id
    with checks.check("zones: lists"):
        assert [one.id for one in client.zones.get_list(mode="primary").zones] == [zone.id]
        assert [one.name for one in client.zones.get_all()] == ["example.org"]
        zone.get_actions_list()
        for action in zone.get_actions():
            client.zones.actions.get_by_id(action.id)
        client.zones.actions.get_list()
        client.zones.actions.get_all()
    with checks.check("zones: update"):
        assert zone.update(labels={"a": "b"}).labels == {"a": "b"}
    with checks.check("zones: change_ttl"):
        done(zone.change_ttl(1200))
    with checks.check("zones: change_protection"):
        done(zone.change_protection(delete=True))
    with checks.refused("zones: deleting what is protected", "protected", APIException):
        zone.delete()
    done(zone.change_protection(delete=False))
    with checks.refused("zones: name servers of a primary zone", "incorrect_zone_mode", APIException):
        zone.change_primary_nameservers([ZonePrimaryNameserver(address="192.0.2.1")])
    record = ZoneRecord(value="192.0.2.1", comment="web")
    rrset = done(zone.create_rrset(name="www", type="A", ttl=300, records=[record], labels=LABELS)).rrset
    with checks.check("zones: record sets"):
        assert zone.get_rrset("www", "A").records[0].value == "192.0.2.1"
        assert [one.id for one in zone.get_rrset_list(type=["A"]).rrsets] == ["www/A"]
        assert "@/SOA" in [one.id for one in zone.get_rrset_all()]
        rrset.reload()
    with checks.check("zones: update_rrset"):
        assert rrset.update_rrset(labels={}).labels == {}
        zone.update_rrset(rrset, labels={})
    other = ZoneRecord(value="192.0.2.2")
    with checks.check("zones: add, set, update and remove records"):
        done(rrset.add_rrset_records(records=[other], ttl=300))
        done(zone.add_rrset_records(ZoneRRSet(name="new", type="A", zone=zone), records=[other]))
        done(zone.remove_rrset_records(ZoneRRSet(name="new", type="A", zone=zone), records=[other]))
        done(rrset.update_rrset_records([ZoneRecord(value="192.0.2.2", comment="second")]))
        done(zone.update_rrset_records(rrset, [ZoneRecord(value="192.0.2.2", comment="2nd")]))
        done(rrset.remove_rrset_records([other]))
        done(rrset.set_rrset_records([record, other]))
        done(zone.set_rrset_records(rrset, [record]))
    with checks.check("zones: ttl and protection of a record set"):
        done(rrset.change_rrset_ttl(ttl=60))
        done(zone.change_rrset_ttl(rrset, ttl=None))
        done(rrset.change_rrset_protection(change=True))
    with checks.refused("zones: changing a protected record set", "protected", APIException):
        rrset.delete_rrset()
    done(zone.change_rrset_protection(rrset, change=False))
    with checks.check("zones: export and import give the same"):
        text = zone.export_zonefile().zonefile
        before = {one.id: [record.value for record in one.records] for one in zone.get_rrset_all() if one.type != "SOA"}
        done(zone.import_zonefile(text))
        after = {one.id: [record.value for record in one.records] for one in zone.get_rrset_all() if one.type != "SOA"}
        assert before == after, f"{before} became {after}"
    with checks.check("zones: delete_rrset"):
        done(zone.create_rrset(name="gone", type="TXT", records=[ZoneRecord(value='"text"')]))
        done(zone.get_rrset("gone", "TXT").delete_rrset())
        done(zone.delete_rrset(ZoneRRSet(name="www", type="A", zone=zone)))
    with checks.check("zones: a secondary one"):
        server = ZonePrimaryNameserver(address="192.0.2.1")
        second = done(client.zones.create(name="example.net", mode="secondary", primary_nameservers=[server])).zone
        done(second.change_primary_nameservers([server]))
        done(second.delete())
    with checks.refused("zones: the same name twice", "uniqueness_error", APIException):
        client.zones.create(name="example.org", mode="primary")
    with checks.check("zones: delete"):
        done(zone.delete())
