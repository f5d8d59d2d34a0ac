# All images at once. `npm run images` fills in the services of the workspace and says which commit they are of:
# a new service needs nothing here.

variable "SERVICES" {
  description = "folders of apps/, separated by commas"
  validation {
    condition     = SERVICES != null && SERVICES != ""
    error_message = "Give SERVICES, as in SERVICES=orders,relay; `npm run images` fills in all of them."
  }
}

variable "REGISTRY" {
  description = "where images belong; the default is a name that Knative never looks up"
  default     = "dev.local/ebb"
}

variable "TAG" {
  default = "0.1.0"
}

# Several of them need a builder that has them: docker buildx create --use
variable "PLATFORMS" {
  default = "linux/amd64,linux/arm64"
}

variable "REVISION" {
  default = "unknown"
}

variable "CREATED" {
  default = "1970-01-01T00:00:00Z"
}

variable "SOURCE" {
  default = ""
}

# Seconds since 1970: the time of every file, so that the same sources give the same layers.
variable "SOURCE_DATE_EPOCH" {
  default = "0"
}

# Empty: those that the Dockerfile names.
variable "NODE_IMAGE" {
  default = ""
}

variable "BASE_IMAGE" {
  default = ""
}

group "default" {
  targets = ["service"]
}

target "service" {
  name       = service
  matrix     = { service = split(",", SERVICES) }
  context    = "."
  dockerfile = "docker/Dockerfile"
  tags       = ["${REGISTRY}/${service}:${TAG}"]
  platforms  = split(",", PLATFORMS)
  args = {
    SERVICE           = service
    VERSION           = TAG
    REVISION          = REVISION
    CREATED           = CREATED
    SOURCE            = SOURCE
    SOURCE_DATE_EPOCH = SOURCE_DATE_EPOCH
    NODE_IMAGE        = NODE_IMAGE != "" ? NODE_IMAGE : null
    BASE_IMAGE        = BASE_IMAGE != "" ? BASE_IMAGE : null
  }
  network = BUILD_NETWORK != "" ? BUILD_NETWORK : null
  # Only what is given: without them the public registry is used as it is.
  secret = concat(
    NPMRC != "" ? ["id=npmrc,src=${NPMRC}"] : [],
    CA != "" ? ["id=ca,src=${CA}"] : [],
  )
  # `rewrite-timestamp` needs BuildKit 0.13; who built what is in the attestation that goes to the registry with the image.
  output = ["type=image,rewrite-timestamp=true"]
}

variable "NPMRC" {
  description = "an npmrc for the time of the installation; it is in no layer"
  default     = ""
}

variable "CA" {
  description = "certificates that the npmrc may name as /run/secrets/ca"
  default     = ""
}

variable "BUILD_NETWORK" {
  description = "the network of the steps that install; `host` where the builder has none of its own"
  default     = ""
}
