/** Which of ffmpeg's demuxers may open a file of a given type. A file is only ever shown to these, never to a guess. */

/** Types as `file-type` sniffs them, and the older names of the same. */
const demuxers: Readonly<Record<string, readonly string[]>> = {
  'video/mp4': ['mov'],
  'video/quicktime': ['mov'],
  'video/x-m4v': ['mov'],
  'video/3gpp': ['mov'],
  'video/3gpp2': ['mov'],
  'audio/mp4': ['mov'],
  'audio/x-m4a': ['mov'],
  'video/matroska': ['matroska'],
  'video/x-matroska': ['matroska'],
  'video/webm': ['matroska'],
  'video/vnd.avi': ['avi'],
  'video/x-msvideo': ['avi'],
  'video/mp2t': ['mpegts'],
  'video/mp1s': ['mpeg'],
  'video/mp2p': ['mpeg'],
  // Said of program streams and of bare MPEG-1/2 video alike.
  'video/mpeg': ['mpeg', 'mpegvideo'],
  'video/x-flv': ['flv'],
  'video/ogg': ['ogg'],
  'audio/ogg': ['ogg'],
  'application/ogg': ['ogg'],
  'audio/mpeg': ['mp3'],
  'audio/wav': ['wav'],
  'audio/flac': ['flac'],
  'audio/x-flac': ['flac'],
  'audio/aac': ['aac'],
};

/**
 * Demuxers for a sniffed content type, parameters such as `; codecs=opus` and case set aside.
 * @returns undefined when this is nothing the video renderer takes.
 */
export function demuxerFor(contentType: string): readonly string[] | undefined {
  const [type = ''] = contentType.toLowerCase().split(';');
  return Object.hasOwn(demuxers, type.trim()) ? demuxers[type.trim()] : undefined;
}
