/** Opens the store that the settings name. */
import type { StorageConfig } from '../config.ts';
import { openDiskStorage } from './disk.ts';
import { openS3Storage } from './s3.ts';
import type { Storage } from './storage.ts';

export async function openStorage(config: StorageConfig): Promise<Storage> {
  return config.driver === 'disk' ? openDiskStorage(config.directory) : openS3Storage(config);
}
