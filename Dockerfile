# Onrecord in a container: `docker compose up`, or
#   docker build -t onrecord .
#   docker run --rm -v onrecord:/data -v "$PWD/documents:/documents:ro" onrecord index /documents
#   docker run --rm --init -p 127.0.0.1:7860:7860 -v onrecord:/data onrecord

ARG PYTHON=3.12

FROM python:${PYTHON}-slim AS made

ENV PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PATH=/opt/onrecord/bin:$PATH
WORKDIR /made
RUN python -m venv /opt/onrecord
COPY pyproject.toml constraints.txt ./

# torch goes first and exactly pinned, since a looser request would bring gigabytes of GPU packages. TORCH_INDEX is the
# address of the index that has its wheels for CPUs, where the usual one has them not.
ARG TORCH_INDEX=""
RUN python -m pip install --constraint constraints.txt ${TORCH_INDEX:+--index-url "$TORCH_INDEX"} torch

# What Onrecord needs, before its own files, so that a change of those installs nothing again.
RUN python -c "import tomllib; p = tomllib.load(open('pyproject.toml', 'rb'))['project']; o = p['optional-dependencies']; print(*p['dependencies'], *o['openai'], *o['ollama'], *o['anthropic'], *o['postgres'], sep='\n')" > wanted.txt && \
    python -m pip install --constraint constraints.txt --requirement wanted.txt

COPY README.md LICENSE NOTICE ./
COPY index ./index
COPY rag ./rag
COPY ui ./ui
COPY evals ./evals
RUN python -m pip install --no-deps .


FROM python:${PYTHON}-slim

COPY --from=made /opt/onrecord /opt/onrecord
RUN groupadd --gid 10001 onrecord && \
    useradd --create-home --uid 10001 --gid 10001 onrecord && \
    install --directory --owner=onrecord --group=onrecord /data

ENV PATH=/opt/onrecord/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    HF_HUB_OFFLINE=1 \
    ONRECORD_DATA_DIR=/data \
    ONRECORD_CACHE_DIR=/data/cache \
    ONRECORD_HOST=0.0.0.0 \
    ONRECORD_PORT=7860 \
    ONRECORD_LOG_FORMAT=json
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 7860
STOPSIGNAL SIGTERM
HEALTHCHECK --start-period=90s --interval=30s --timeout=5s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(f\"http://127.0.0.1:{os.environ['ONRECORD_PORT']}/alive\", timeout=4)"]
ENTRYPOINT ["onrecord"]
CMD ["chat"]
