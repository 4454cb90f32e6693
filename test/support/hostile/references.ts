/** Texts that name other files, in every format that some part of ffmpeg or a browser would follow. */

/** @param target a path, or a URL. */
export function referencesTo(target: string): Readonly<Record<string, string>> {
  return {
    'an HLS playlist': `#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n${target}\n#EXT-X-ENDLIST\n`,
    'an HLS master playlist': `#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n${target}\n`,
    'an HLS playlist with a key': `#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="${target}"\n#EXT-X-MAP:URI="${target}"\n#EXTINF:1,\n${target}\n#EXT-X-ENDLIST\n`,
    'a DASH manifest': dash(target),
    'an ffconcat script': `ffconcat version 1.0\nfile '${target}'\n`,
    'a SDP session': `v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\na=control:${target}\nm=video 4 RTP/AVP 96\na=rtpmap:96 H264/90000\n`,
    'an SVG': `<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "${target}">]><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="${target}"/>&x;</svg>`,
    'a PDF': `%PDF-1.4\n1 0 obj<</Type/Catalog/OpenAction<</S/URI/URI(${target})>>>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n`,
    'an IMF or XSPF list': `<?xml version="1.0"?><playlist xmlns="http://xspf.org/ns/0/"><trackList><track><location>${target}</location></track></trackList></playlist>`,
    'plain text': `${target}\n`.repeat(2000),
  };
}

function dash(target: string): string {
  const segment = `<SegmentList duration="1"><Initialization sourceURL="${target}"/><SegmentURL media="${target}"/></SegmentList>`;
  const set = `<AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1"><BaseURL>${target}</BaseURL>${segment}</Representation></AdaptationSet>`;
  return `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT1S" profiles="urn:mpeg:dash:profile:full:2011"><Period>${set}</Period></MPD>`;
}
