/** The public address of a variant. */

/** Path below PUBLIC_URL; the same whatever was retried. */
export const mediaPath = (upload: string, file: string) => `/v1/media/${upload}/${encodeURIComponent(file)}`;
