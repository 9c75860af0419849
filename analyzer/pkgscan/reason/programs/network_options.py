"""Options that take a value, of the programs that connect, by `curl --help all`, `wget --help` and manual pages."""

from __future__ import annotations

from pkgscan.reason.programs.options import options

CURL = options(
    "AbcCdDeEFhHKmoPQrtTuUwXyYz",
    "--abstract-unix-socket --alt-svc --aws-sigv4 --cacert --capath --cert --cert-type --ciphers --config"
    " --connect-timeout --connect-to --continue-at --cookie --cookie-jar --create-file-mode --crlfile --curves --data"
    " --data-ascii --data-binary --data-raw --data-urlencode --delegation --dns-interface --dns-ipv4-addr"
    " --dns-ipv6-addr --dns-servers --doh-url --dump-header --egd-file --engine --etag-compare --etag-save"
    " --expect100-timeout --form --form-string --ftp-account --ftp-alternative-to-user --ftp-method --ftp-port"
    " --ftp-ssl-ccc-mode --happy-eyeballs-timeout-ms --header --help --hostpubmd5 --hostpubsha256 --hsts --interface"
    " --json --keepalive-time --key --key-type --krb --libcurl --limit-rate --local-port --login-options --mail-auth"
    " --mail-from --mail-rcpt --max-filesize --max-redirs --max-time --netrc-file --noproxy --oauth2-bearer --output"
    " --output-dir --parallel-max --pass --pinnedpubkey --preproxy --proto --proto-default --proto-redir --proxy"
    " --proxy-cacert --proxy-capath --proxy-cert --proxy-cert-type --proxy-ciphers --proxy-crlfile --proxy-header"
    " --proxy-key --proxy-key-type --proxy-pass --proxy-pinnedpubkey --proxy-service-name --proxy-tls13-ciphers"
    " --proxy-tlsauthtype --proxy-tlspassword --proxy-tlsuser --proxy-user --proxy1.0 --pubkey --quote --random-file"
    " --range --rate --referer --request --request-target --resolve --retry --retry-delay --retry-max-time"
    " --sasl-authzid --service-name --socks4 --socks4a --socks5 --socks5-gssapi-service --socks5-hostname"
    " --speed-limit --speed-time --stderr --telnet-option --tftp-blksize --time-cond --tls-max --tls13-ciphers"
    " --tlsauthtype --tlspassword --tlsuser --trace --trace-ascii --unix-socket --upload-file --url --url-query --user"
    " --user-agent --write-out",
)
WGET = options(
    "eoaiBtOTwQPUlARDIX",
    "--execute --output-file --append-output --report-speed --input-file --base --config --rejected-log --tries"
    " --retry-on-http-error --output-document --start-pos --progress --timeout --dns-timeout --connect-timeout"
    " --read-timeout --wait --waitretry --quota --bind-address --limit-rate --restrict-file-names --prefer-family"
    " --user --password --use-askpass --local-encoding --remote-encoding --directory-prefix --cut-dirs --http-user"
    " --http-password --default-page --header --compression --proxy-user --proxy-password --referer --user-agent"
    " --load-cookies --save-cookies --post-data --post-file --method --body-data --body-file --secure-protocol"
    " --certificate --certificate-type --private-key --private-key-type --ca-certificate --ca-directory --crl-file"
    " --pinnedpubkey --ciphers --ftp-user --ftp-password --warc-file --warc-header --warc-max-size --warc-dedup"
    " --warc-tempdir --level --backups --accept --reject --accept-regex --reject-regex --regex-type --domains"
    " --exclude-domains --follow-tags --ignore-tags --include-directories --exclude-directories",
)
RSYNC = options(
    "eBTfM@",
    "--rsh --block-size --temp-dir --filter --remote-option --info --debug --backup-dir --suffix --chmod --usermap"
    " --groupmap --chown --rsync-path --max-delete --max-size --min-size --max-alloc --partial-dir --timeout"
    " --contimeout --modify-window --compare-dest --copy-dest --link-dest --compress-choice --compress-level"
    " --skip-compress --exclude --exclude-from --include --include-from --files-from --address --port --sockopts"
    " --outbuf --out-format --log-file --log-file-format --password-file --early-input --bwlimit --stop-after --stop-at"
    " --write-batch --only-write-batch --read-batch --protocol --iconv --checksum-choice --checksum-seed",
)
SSH = options("BbcDEeFIiJLlmOoPpQRSWw", first_operand_ends=True)
PSQL = options(
    "cdfFhLoPpRTUv",
    "--command --dbname --file --field-separator --host --log-file --output --port --pset --record-separator"
    " --table-attr --username --set --variable",
)
PG = options(
    "acdeEfFhIjlLnNopSstTUZ",
    "--dbname --file --format --host --index --jobs --list --username --port --schema --superuser --table --role"
    " --exclude-table --encoding --compress --lock-wait-timeout --timeout",
)
MYSQL = options(
    "hPuSDeB",
    "--host --port --user --socket --database --execute --defaults-file --defaults-extra-file"
    " --defaults-group-suffix --init-command --default-character-set --delimiter --protocol --max-allowed-packet"
    " --connect-timeout --ssl-ca --ssl-cert --ssl-key --ssl-mode --plugin-dir --where --result-file --tables",
    attached="p",
)
SQLCMD = options("UPSHdlthsweqQiovcaLyYmKfV")
