# The mock server as a container: `make image` builds it, `make image-test` tries it.
# What is installed is in container/*.lock, with hashes; container/lock.sh renews them.
ARG BASE=docker.io/library/python:3.12-slim

FROM ${BASE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /src
COPY container/*.lock container/
RUN python3 -m venv /opt/build && python3 -m venv /opt/mockserver \
 && /opt/build/bin/pip install --quiet --require-hashes -r container/build.lock \
 && /opt/mockserver/bin/pip install --quiet --no-compile --only-binary=:all: --require-hashes \
        -r container/requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY mockserver mockserver
COPY schemas schemas
COPY scenarios scenarios
# The wheel is built without a network. Bytecode is that of these sources whatever their dates, so
# that building twice gives the same and nothing has to be written at the start; pip stays behind.
RUN /opt/build/bin/python -m hatchling build -t wheel -d /src/dist \
 && /opt/mockserver/bin/pip install --quiet --no-compile --no-deps --no-index dist/*.whl \
 && /opt/mockserver/bin/pip uninstall --quiet --yes pip setuptools \
 && python3 -m compileall -q -j 0 --invalidation-mode unchecked-hash /opt/mockserver/lib

FROM ${BASE}
LABEL org.opencontainers.image.title="twilio-mockserver" \
      org.opencontainers.image.description="A local, high-fidelity mock of Twilio's messaging APIs" \
      org.opencontainers.image.licenses="MIT"
RUN mkdir -p /data && chown 10001:10001 /data
COPY --from=build /opt/mockserver /opt/mockserver
ENV PATH=/opt/mockserver/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOME=/data \
    MOCKSERVER_HOST=0.0.0.0 \
    MOCKSERVER_CA_DIR=/data/ca \
    MOCKSERVER_WEBHOOK_MAP=localhost=host.docker.internal
VOLUME /data
WORKDIR /data
USER 10001:10001
EXPOSE 2010
HEALTHCHECK --interval=5s --timeout=3s --start-period=10s --retries=3 CMD \
    ["python3", "-c", "import http.client as h, os; c = h.HTTPConnection('127.0.0.1', int(os.environ.get('MOCKSERVER_PORT') or 2010), timeout=2); c.request('GET', '/_mock/health'); raise SystemExit(c.getresponse().status != 200)"]
ENTRYPOINT ["twilio-mockserver"]
CMD ["serve"]
