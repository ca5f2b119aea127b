# SPDX-License-Identifier: Apache-2.0
# A validator in a container: the app's own engine, its signer and its double-sign guard.
# Built by `python3 packaging/docker/image.py node`: the base and app/ come from rootfs.py.
# No shell, no package manager, no compiler; the root file system is mounted read-only.
ARG BASE
FROM ${BASE}
COPY --chown=10001:10001 volumes/ /
COPY app/ /app/
ENV HOME=/data \
    LANG=C.UTF-8 \
    PYTHONPATH=/app:/app/packages \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt \
    ONECLICK_DATA=/data \
    ONECLICK_CACHE=/data/cache \
    ONECLICK_LOCALNET=/data/localnet \
    ONECLICK_LOCKS=/data/locks
USER 10001:10001
WORKDIR /data
VOLUME ["/data", "/unlock"]
EXPOSE 26656
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=120s --retries=3 \
    CMD ["/usr/local/bin/python", "-I", "-S", "/app/bridge/cli/ask_contained.py", "health"]
ENTRYPOINT ["/usr/local/bin/python", "-P", "-m", "desktop.launch", "contained"]
