"""What cloud-init's data source for Hetzner finds out on this machine, as JSON.

Its code runs as it is. Two things that it asks are no part of any API and are answered here, as a server of Hetzner would:
the firmware, which tells the maker and the number of the server (this machine has none of its own), and DHCP, which has
happened by then. Arguments: the number of the server.
"""

import contextlib
import json
import sys

from cloudinit import dmi, helpers
from cloudinit.distros import fetch
from cloudinit.sources import DataSourceHetzner as hetzner

FIRMWARE = {"system-manufacturer": "Hetzner", "system-serial-number": sys.argv[1]}

dmi.read_dmi_data = FIRMWARE.get
hetzner.EphemeralDHCPv4 = lambda **_: contextlib.nullcontext()
paths = helpers.Paths({"cloud_dir": "/tmp/cloud", "run_dir": "/tmp/cloud-run"})
settings = {"datasource": {"Hetzner": {"retries": 2, "timeout": 3}}}
source = hetzner.DataSourceHetzner(settings, fetch("debian")("debian", {}, paths), paths)
found = source._get_data()  # noqa: SLF001 its caller, get_data, writes to disks what is found
print(
    json.dumps(
        {
            "found": found,
            "instance_id": source.get_instance_id(),
            "hostname": source.metadata["local-hostname"],
            "public_keys": source.get_public_ssh_keys(),
            "user_data": source.get_userdata_raw().decode(),
            "vendor_data": source.get_vendordata_raw(),
            "network_config": source.network_config,
            "region": source.metadata_full["region"],
            "availability_zone": source.metadata_full["availability-zone"],
        }
    )
)
