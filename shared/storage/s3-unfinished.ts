/** Multipart uploads that were begun and neither completed nor aborted. */
import {
  AbortMultipartUploadCommand,
  ListMultipartUploadsCommand,
  type ListMultipartUploadsCommandOutput,
  ListPartsCommand,
  type ListPartsCommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { translate } from './s3-errors.ts';

export interface UnfinishedUpload {
  readonly Bucket: string;
  readonly Key: string;
  readonly UploadId: string;
  readonly initiated: Date;
}

/** Those of a bucket. */
export async function* unfinishedUploads(client: S3Client, Bucket: string): AsyncIterable<UnfinishedUpload> {
  let markers: { KeyMarker?: string; UploadIdMarker?: string } | undefined = {};
  while (markers) {
    const wanted = new ListMultipartUploadsCommand({ Bucket, ...markers });
    const page: ListMultipartUploadsCommandOutput = await client.send(wanted).catch((error) => {
      throw translate(error, `bucket ${Bucket}`);
    });
    for (const { Key, UploadId, Initiated } of page.Uploads ?? []) {
      if (Key !== undefined && UploadId !== undefined) {
        yield { Bucket, Key, UploadId, initiated: Initiated ?? new Date(0) };
      }
    }
    const { IsTruncated, NextKeyMarker: KeyMarker, NextUploadIdMarker: UploadIdMarker } = page;
    markers = IsTruncated && KeyMarker && UploadIdMarker ? { KeyMarker, UploadIdMarker } : undefined;
  }
}

/** @returns whether it was aborted: false also when it has been completed or aborted meanwhile. */
export async function abortIfOld(client: S3Client, upload: UnfinishedUpload, before: Date): Promise<boolean> {
  const { Bucket, Key, UploadId } = upload;
  try {
    if ((await lastMoved(client, upload)) > before) return false;
    await client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
    return true;
  } catch (error) {
    const translated = translate(error, Key);
    if (translated.trouble === 'not-found') return false;
    throw translated;
  }
}

/** When its last part came, or when it was begun: a slow client's upload may be hours old and alive. */
async function lastMoved(client: S3Client, upload: UnfinishedUpload): Promise<Date> {
  const { Bucket, Key, UploadId, initiated } = upload;
  let last = initiated;
  let PartNumberMarker: string | undefined;
  do {
    const wanted = { Bucket, Key, UploadId, ...(PartNumberMarker && { PartNumberMarker }) };
    const page: ListPartsCommandOutput = await client.send(new ListPartsCommand(wanted)).catch((error) => {
      throw translate(error, Key);
    });
    for (const { LastModified } of page.Parts ?? []) if (LastModified && LastModified > last) last = LastModified;
    PartNumberMarker = page.IsTruncated ? page.NextPartNumberMarker : undefined;
  } while (PartNumberMarker);
  return last;
}
