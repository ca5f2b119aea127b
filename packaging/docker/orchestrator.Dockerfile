# SPDX-License-Identifier: Apache-2.0
# The orchestrator and its worker: `serve` (the default), `worker`, `migrate`.
# Built by `python3 packaging/docker/image.py orchestrator`: the base and app/ come from rootfs.py.
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
    ONECLICK_CACHE=/data/cache
USER 10001:10001
WORKDIR /data
VOLUME ["/data"]
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
    CMD ["/usr/local/bin/python", "-c", "import os,urllib.request as r; r.urlopen('http://127.0.0.1:%s/livez' % os.environ.get('ONECLICK_ORCHESTRATOR_PORT', '8000'), timeout=4)"]
ENTRYPOINT ["/usr/local/bin/python", "-P", "-m", "desktop.launch", "orchestrator"]
CMD ["serve"]
