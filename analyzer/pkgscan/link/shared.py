"""Directories of a host that many packages share, so that a file in them belongs to nobody's own tree.

Taken from the Filesystem Hierarchy Standard 3.0 and checked against which directories three or more packages of a
Debian 12 system own together. Written for a merged /usr: `canonical` brings /bin, /lib and /sbin there.
"""

from __future__ import annotations

import os

# ruff: noqa: S108  # names of directories; nothing is written there
SHARED: frozenset[str] = frozenset((
    "/", "/boot", "/dev", "/etc", "/etc/NetworkManager", "/etc/X11", "/etc/alternatives", "/etc/apache2",
    "/etc/apache2/conf-available", "/etc/apache2/sites-available", "/etc/apparmor.d", "/etc/apt",
    "/etc/apt/apt.conf.d", "/etc/apt/sources.list.d", "/etc/bash_completion.d", "/etc/ca-certificates",
    "/etc/conf.d", "/etc/cron.d", "/etc/cron.daily", "/etc/cron.hourly", "/etc/cron.monthly", "/etc/cron.weekly",
    "/etc/cron.yearly", "/etc/dbus-1", "/etc/dbus-1/system.d", "/etc/default", "/etc/dpkg", "/etc/httpd",
    "/etc/httpd/conf.d", "/etc/init", "/etc/init.d", "/etc/ld.so.conf.d", "/etc/logrotate.d", "/etc/modprobe.d",
    "/etc/modules-load.d", "/etc/network", "/etc/nginx", "/etc/nginx/conf.d", "/etc/nginx/sites-available",
    "/etc/nginx/sites-enabled", "/etc/opt", "/etc/pam.d", "/etc/pki", "/etc/pki/rpm-gpg", "/etc/pki/tls",
    "/etc/pki/tls/certs", "/etc/polkit-1", "/etc/profile.d", "/etc/rc.d", "/etc/rc.d/init.d", "/etc/rc0.d",
    "/etc/rc1.d", "/etc/rc2.d", "/etc/rc3.d", "/etc/rc4.d", "/etc/rc5.d", "/etc/rc6.d", "/etc/rcS.d",
    "/etc/rsyslog.d", "/etc/security", "/etc/security/limits.d", "/etc/skel", "/etc/ssh", "/etc/ssl",
    "/etc/ssl/certs", "/etc/ssl/private", "/etc/sudoers.d", "/etc/supervisor", "/etc/supervisor/conf.d",
    "/etc/sysconfig", "/etc/sysctl.d", "/etc/sysusers.d", "/etc/tmpfiles.d", "/etc/udev", "/etc/udev/rules.d",
    "/etc/xdg", "/etc/yum.repos.d", "/home", "/media", "/mnt", "/opt", "/proc", "/root", "/run", "/srv", "/sys",
    "/tmp", "/usr", "/usr/bin", "/usr/games", "/usr/include", "/usr/lib", "/usr/lib/binfmt.d", "/usr/lib/cgi-bin",
    "/usr/lib/debug", "/usr/lib/environment.d", "/usr/lib/firmware", "/usr/lib/jvm", "/usr/lib/mime",
    "/usr/lib/mime/packages", "/usr/lib/modprobe.d", "/usr/lib/modules-load.d", "/usr/lib/node_modules",
    "/usr/lib/pkgconfig", "/usr/lib/python3", "/usr/lib/python3/dist-packages", "/usr/lib/sysctl.d",
    "/usr/lib/sysusers.d", "/usr/lib/tmpfiles.d", "/usr/lib/udev", "/usr/lib/udev/rules.d", "/usr/lib/valgrind",
    "/usr/lib32", "/usr/lib64", "/usr/libexec", "/usr/local", "/usr/local/bin", "/usr/local/etc",
    "/usr/local/include", "/usr/local/lib", "/usr/local/sbin", "/usr/local/share", "/usr/local/src", "/usr/sbin",
    "/usr/share", "/usr/share/applications", "/usr/share/bash-completion", "/usr/share/bash-completion/completions",
    "/usr/share/bug", "/usr/share/dbus-1", "/usr/share/dbus-1/services", "/usr/share/dbus-1/system-services",
    "/usr/share/dbus-1/system.d", "/usr/share/doc", "/usr/share/doc-base", "/usr/share/fonts", "/usr/share/info",
    "/usr/share/java", "/usr/share/javascript", "/usr/share/licenses", "/usr/share/lintian",
    "/usr/share/lintian/overrides", "/usr/share/maven-repo", "/usr/share/menu", "/usr/share/metainfo",
    "/usr/share/mime", "/usr/share/misc", "/usr/share/perl5", "/usr/share/pixmaps", "/usr/share/pkgconfig",
    "/usr/share/polkit-1", "/usr/share/polkit-1/actions", "/usr/share/polkit-1/rules.d", "/usr/share/python3",
    "/usr/share/sgml", "/usr/share/vim", "/usr/share/xml", "/usr/share/zsh", "/usr/share/zsh/vendor-completions",
    "/usr/src", "/var", "/var/backups", "/var/cache", "/var/lib", "/var/lock", "/var/log", "/var/mail", "/var/opt",
    "/var/run", "/var/spool", "/var/spool/cron", "/var/spool/cron/crontabs", "/var/tmp", "/var/www",
    "/var/www/html",
))  # fmt: skip
# Whole subtrees with a layout of their own, whose every directory is shared.
SHARED_TREES = (
    "/etc/systemd/",
    "/usr/lib/systemd/",
    "/usr/share/icons/",
    "/usr/share/locale/",
    "/usr/share/man/",
    "/dev/",
    "/proc/",
    "/sys/",
    "/tmp/",
)
MERGED = ("/bin", "/sbin", "/lib", "/lib32", "/lib64")


def canonical(path: str) -> str:
    """A host path without doubled slashes, dots and the old names of a merged /usr: `/bin//x` is `/usr/bin/x`."""
    path = os.path.normpath(path)
    if path.startswith("//"):
        path = path[1:]
    first = path[: path.find("/", 1)] if path.find("/", 1) > 0 else path
    return f"/usr{path}" if first in MERGED else path


def own_root(folder: str) -> str:
    """The topmost directory on the way to a canonical `folder` that no distribution shares, or "" if all are shared."""
    if folder.startswith(SHARED_TREES):
        return ""
    at = 0
    while at >= 0:
        at = folder.find("/", at + 1)
        step = folder if at < 0 else folder[:at]
        if not is_shared(step):
            return step
    return ""


def is_shared(folder: str) -> bool:
    """Whether a canonical directory is one that many packages put files into."""
    if folder in SHARED:
        return True
    parent, _, name = folder.rpartition("/")
    return parent == "/usr/lib" and ("-linux-" in name or name.startswith(("python3", "python2")))
