/** What a run of the tests has beside its own processes. Plain data: it goes from process to process. */
export interface RunServers {
  readonly minio: RunMinio | { readonly none: string };
  /** URL of a Redis with a database for each test; where there is none each test starts a redis-server of its own. */
  readonly redis: string | undefined;
  /** Whether this machine has a MinIO that `npm start -- --minio` can start. */
  readonly hasMinioProgram: boolean;
}

interface RunMinio {
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}
