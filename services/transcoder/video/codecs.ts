/** The decoders that may run. ffmpeg has hundreds, and most of its holes are in those that nobody records with. */

const pictures = [
  ...['h264', 'hevc', 'libdav1d', 'av1', 'vp8', 'vp9', 'libvpx', 'libvpx-vp9'],
  ...['mpeg4', 'msmpeg4v2', 'msmpeg4', 'mpeg2video', 'mpeg1video', 'h263', 'flv', 'theora'],
  ...['prores', 'dnxhd', 'dvvideo', 'mjpeg'],
];

const sounds = [
  ...['aac', 'aac_latm', 'mp3float', 'mp3', 'mp2float', 'mp2', 'mp1float', 'mp1'],
  ...['ac3', 'eac3', 'dca', 'truehd', 'opus', 'libopus', 'vorbis', 'flac', 'alac'],
  ...['speex', 'libspeex', 'amrnb', 'amrwb', 'adpcm_ms', 'adpcm_ima_wav', 'adpcm_ima_qt'],
  ...['pcm_u8', 'pcm_s8', 'pcm_alaw', 'pcm_mulaw', 'pcm_dvd', 'pcm_bluray'],
  ...['pcm_s16le', 'pcm_s24le', 'pcm_s32le', 'pcm_f32le', 'pcm_f64le'],
  ...['pcm_s16be', 'pcm_s24be', 'pcm_s32be', 'pcm_f32be', 'pcm_f64be'],
];

/** Not rendered, but ffprobe refuses a whole file for one stream whose decoder it may not open: cover art and subtitles. */
const companions = [
  ...['png', 'bmp', 'gif'],
  ...['mov_text', 'subrip', 'srt', 'ass', 'ssa', 'webvtt', 'text', 'cc_dec'],
  ...['pgssub', 'dvdsub', 'dvbsub', 'libzvbi_teletextdec'],
];

/** For ffmpeg's `-codec_whitelist`: decoders, not codecs; what this ffmpeg does not have does no harm. */
export const codecWhitelist = [...pictures, ...sounds, ...companions].join(',');
