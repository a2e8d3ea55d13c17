import { S3Client } from '@aws-sdk/client-s3';

/** How an S3 bucket is reached. */
export interface S3Access {
  bucket: string;
  /** As the bucket's provider names it; any text where the provider has none. */
  region: string;
  /** Base URL of a server that is not Amazon's; undefined for Amazon's of the region. */
  endpoint?: string;
  /** Whether the bucket stands in the path of URLs, as most other servers want it. */
  forcePathStyle: boolean;
  /** Undefined: found in the environment or at the machine, as AWS programs do. */
  credentials?: { accessKeyId: string; secretAccessKey: string };
  /** Longest silence of a connection before a request is given up, in milliseconds. */
  timeoutMillis: number;
  /** How often a request is sent before it has failed. */
  maxAttempts: number;
}

const CONNECT_TIMEOUT_MILLIS = 5_000;

export function createS3Client(access: S3Access): S3Client {
  const { region, endpoint, forcePathStyle, credentials } = access;
  const { timeoutMillis, maxAttempts } = access;
  return new S3Client({
    region,
    endpoint,
    forcePathStyle,
    credentials,
    maxAttempts,
    // Many servers do not take the checksums that newer clients send behind the body. What is
    // stored is known by its SHA-256 anyway.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: Math.min(CONNECT_TIMEOUT_MILLIS, timeoutMillis),
      socketTimeout: timeoutMillis,
    },
  });
}
