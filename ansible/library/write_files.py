#!/usr/bin/python
"""Ansible module: put several small files in place in one round trip.

Each task that Ansible sends costs about half a second per host; a Kubernetes node needs some twenty files.
The name and the shape of an entry are those of cloud-init's write_files.
"""

import os
import pwd
import tempfile

from ansible.module_utils.basic import AnsibleModule

DOCUMENTATION = r"""
module: write_files
short_description: Write, or remove, several files atomically in one task
options:
  files:
    description: >-
      Files to write; each has path, content, and optionally mode (default 0644), owner (default root) and
      state (present or absent).
    type: list
    elements: dict
    required: true
"""


def read(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None


def make_directory(path, account):
    """A folder made on the way belongs to the file's owner, as in cloud-init."""
    if os.path.isdir(path):
        return
    make_directory(os.path.dirname(path), account)
    os.mkdir(path, 0o755)
    os.chown(path, account.pw_uid, account.pw_gid)


def replace(path, content, mode, account):
    """Write beside the target and rename, so that a reader never sees half a file."""
    directory = os.path.dirname(path)
    make_directory(directory, account)
    handle, temporary = tempfile.mkstemp(dir=directory, prefix=".write_files-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, mode)
        os.chown(temporary, account.pw_uid, account.pw_gid)
        os.rename(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def apply(entry, check):
    """Bring one file to its wanted state; return whether it differed."""
    path = entry["path"]
    if entry.get("state", "present") == "absent":
        if not os.path.lexists(path):
            return False
        if not check:
            os.unlink(path)
        return True
    content = entry["content"].encode()
    mode = int(str(entry.get("mode", "0644")), 8)
    account = pwd.getpwnam(entry.get("owner", "root"))
    if read(path) == content:
        status = os.stat(path)
        if (status.st_mode & 0o7777, status.st_uid) == (mode, account.pw_uid):
            return False
    if not check:
        replace(path, content, mode, account)
    return True


def main():
    spec = {
        "path": {"type": "path", "required": True},
        "content": {"type": "str", "default": "", "no_log": True},
        "owner": {"type": "str", "default": "root"},
        "mode": {"type": "str", "default": "0644"},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    }
    module = AnsibleModule(
        argument_spec={"files": {"type": "list", "elements": "dict", "required": True, "options": spec}},
        supports_check_mode=True,
    )
    written = []
    for entry in module.params["files"]:
        try:
            if apply(entry, module.check_mode):
                written.append(entry["path"])
        except KeyError:
            module.fail_json(msg="there is no user %s to own %s" % (entry["owner"], entry["path"]), written=written)
        except OSError as error:
            module.fail_json(msg="cannot write %s: %s" % (entry["path"], error), written=written)
    module.exit_json(changed=bool(written), written=written)


if __name__ == "__main__":
    main()
