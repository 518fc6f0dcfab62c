# syntax=docker/dockerfile:1
# Pages are built with Node, the product runs on slim Python as an unprivileged user.

FROM node:20-slim AS pages
WORKDIR /chalknet/frontend
COPY frontend/package.json frontend/package-lock.json frontend/.npmrc ./
RUN npm ci --no-audit --no-fund
COPY frontend/ ./
RUN npm run build

FROM python:3.11-slim AS app
# TORCH_INDEX: where the torch wheel comes from; the CPU build unless the gpu profile asks for another.
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /chalknet
COPY pyproject.toml README.md ./
RUN pip install --index-url "$TORCH_INDEX" "$(sed -n 's/^  "\(torch==[^"]*\)",/\1/p' pyproject.toml)"
COPY backend/ backend/
COPY models/ models/
COPY --from=pages /chalknet/backend/chalknet/server/web backend/chalknet/server/web
RUN pip install '.[postgres]' \
 && useradd --create-home --uid 10001 chalknet \
 && install -d -o chalknet -g chalknet /data
USER chalknet
ENV CHALKNET_DATA=/data CHALKNET_HOST=0.0.0.0 CHALKNET_PORT=8000
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
  CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
CMD ["chalknet", "serve"]
