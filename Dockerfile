# An image of Leyline, for a server and for workers of other machines. In the checkout:
#   docker compose up --build                                   # a server on http://localhost:3000, see compose.yaml
#   docker build --tag leyline .                                # the image alone
#   docker build --build-arg EXTRAS=[cluster] --tag leyline .   # with what several machines need
# A model of your own, or one with PyTorch, goes on top of it: FROM leyline, and RUN /opt/leyline/bin/pip install what it needs.
FROM debian:trixie-slim AS python
# The fonts draw the labels that are burned into a link's copy; for other scripts than these add fonts-noto.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends python3 fonts-dejavu-core \
    && rm -rf /var/lib/apt/lists/*

FROM python AS build
RUN apt-get update && apt-get install --yes --no-install-recommends python3-venv
COPY requirements.lock /src/
RUN python3 -m venv /opt/leyline \
    && /opt/leyline/bin/pip install --no-cache-dir --require-hashes --requirement /src/requirements.lock
COPY . /src
ARG EXTRAS=
# Without extras nothing is left to fetch: all of it came with the hashes of its files.
RUN if [ -n "$EXTRAS" ]; then /opt/leyline/bin/pip install --no-cache-dir "/src$EXTRAS"; \
    else /opt/leyline/bin/pip install --no-deps --no-build-isolation /src; fi

FROM python
COPY --from=build /opt/leyline /opt/leyline
RUN useradd --uid 1000 --create-home leyline && install -d -m 0700 -o leyline /data
USER 1000
WORKDIR /home/leyline
ENV PATH=/opt/leyline/bin:/usr/bin:/bin LEYLINE_HOST=0.0.0.0 LEYLINE_DATA_DIR=/data
VOLUME /data
EXPOSE 3000 8786
STOPSIGNAL SIGTERM
# Of a server; a worker has its own --health-cmd, or none.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["python", "-c", \
    "import os, urllib.request as r; r.urlopen('http://localhost:' + (os.environ.get('LEYLINE_PORT') or os.environ.get('PORT') or '3000') + os.environ.get('LEYLINE_PATH', '') + '/healthz', timeout=4)"]
ENTRYPOINT ["leyline"]
CMD ["serve"]
