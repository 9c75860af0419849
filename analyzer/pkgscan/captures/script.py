"""What a host runs to be captured: a shell script that changes nothing and writes a tar to its output."""

SCRIPT = r"""#!/bin/sh
# Captures what pkgscan imports of this host, and changes nothing. Writes a tar: sh capture.sh >host.tar
# What fails is left out, and said beside it. Run it as the user who upgrades; sudo is asked only where it needs no
# password.
set -u
umask 077
folder=$(mktemp -d) && cd "$folder" || exit 1
trap 'cd / && rm -rf "$folder"' EXIT

take() { # take KEY COMMAND...: what the command prints, or why it failed
    key=$1
    shift
    if LC_ALL=C "$@" >"$key" 2>"$key.failed" && test -s "$key"; then
        rm -f "$key.failed"
    else
        rm -f "$key"
    fi
}

rights() { # what may be run with sudo: of everybody where sudoers may be read, else of this user
    if test -r /etc/sudoers && command -v cvtsudoers >/dev/null; then
        cvtsudoers -e -f json /etc/sudoers
    else
        sudo -n -l | cat # which wraps no lines for a pipe
    fi
}

take unit_files systemctl list-unit-files --no-pager -o json
take timers systemctl list-timers --all --no-pager
take sudoers rights
take os_release cat /etc/os-release
take mounts df -PT
take timedatectl timedatectl show
mkdir -p crontabs/cron.d crontabs/spool
cp /etc/crontab crontabs/crontab 2>crontabs.failed
cp /etc/cron.d/* crontabs/cron.d/ 2>>crontabs.failed
for file in /var/spool/cron/crontabs/* /var/spool/cron/*; do # the second is where Red Hat has them
    test ! -f "$file" || cp "$file" crontabs/spool/ 2>>crontabs.failed
done
test -s crontabs.failed || rm -f crontabs.failed
tar -cf - .
"""
