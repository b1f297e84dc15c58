# A static desksync in an image that holds nothing else. Both images can be replaced:
#   docker build --build-arg BASE_IMAGE=gcr.io/distroless/static-debian12 .
ARG BUILD_IMAGE=docker.io/library/golang:1.26-bookworm
ARG BASE_IMAGE=scratch

FROM ${BUILD_IMAGE} AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=
# timetzdata: calendar days need time zones, and the image has none
RUN CGO_ENABLED=0 go build -trimpath -buildvcs=false -tags timetzdata \
	-ldflags "-s -w -X main.version=${VERSION}" -o /out/usr/bin/desksync ./cmd/desksync
# the folder of the configuration and the databases, and one for SQLite's temporary files;
# below a folder of their own, because COPY keeps the modes of what a folder holds alone
RUN mkdir -p /out/own && mkdir -m 0700 /out/own/data && mkdir -m 1777 /out/own/tmp

FROM ${BASE_IMAGE}
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /out/usr/bin/desksync /usr/bin/desksync
COPY --from=build --chown=65532:65532 /out/own/ /
USER 65532:65532
WORKDIR /data
VOLUME /data
ENTRYPOINT ["/usr/bin/desksync"]
CMD ["--help"]
