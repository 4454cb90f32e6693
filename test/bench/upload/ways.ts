/** The ways into S3 that are compared, in the order of the report. `direct` is what the others are measured by. */

export const WAYS = ['direct', 'raw', 'multipart', 'chunked'] as const;
export type Way = (typeof WAYS)[number];

interface About {
  readonly title: string;
  /** The part of the direct speed that it has to reach. */
  readonly target?: number;
}

export const about: Readonly<Record<Way, About>> = {
  direct: { title: 'PutObject by the AWS SDK, no service' },
  raw: { title: 'PUT …/uploads/:name', target: 0.7 },
  multipart: { title: 'POST …/uploads, multipart/form-data', target: 0.55 },
  chunked: { title: 'PUT …/uploads/:name, length unknown' },
};
