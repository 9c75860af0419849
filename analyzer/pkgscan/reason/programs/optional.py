"""Programs that scripts use much, and that not every host has."""

from pkgscan.reason.programs.databases import READERS
from pkgscan.reason.programs.network import CLIENTS

# Programs that a minimal host of the common distributions lacks, of those that scripts use much.
OPTIONAL = frozenset((
    *CLIENTS, *READERS, "sudo", "doas", "docker", "podman", "docker-compose", "kubectl", "helm", "jq",
    "yq", "unzip", "zip", "7z", "java", "keytool", "node", "npm", "php", "ruby", "gem", "pip", "pip3", "make", "gcc",
    "python3", "python", "nginx", "apachectl", "xmlstarlet", "dialog", "whiptail", "expect", "gpg", "aws", "az",
    "gcloud",
))  # fmt: skip
