// Runs in the browser: what player.ts asks of the page.
const video = document.querySelector('video');
let hls;
const hlsErrors = [];

globalThis.player = {
  playFile(url) {
    video.src = url;
  },

  playStream(url) {
    hls = new globalThis.Hls();
    hls.on('hlsError', (_event, { details, error }) => {
      // What it was loading when it was told to seek or to change the rung, it drops itself.
      if (details !== 'aborted') hlsErrors.push(`${details}: ${error?.message}`);
    });
    hls.loadSource(url);
    hls.attachMedia(video);
  },

  /** Plays until the clock has passed so many seconds. */
  async until(seconds) {
    await video.play();
    await new Promise((resolve) => {
      const look = () => (video.currentTime >= seconds ? resolve() : requestAnimationFrame(look));
      look();
    });
  },

  async toTheEnd() {
    const ended = new Promise((resolve) => video.addEventListener('ended', resolve, { once: true }));
    await video.play();
    await ended;
  },

  async seek(seconds) {
    const sought = new Promise((resolve) => video.addEventListener('seeked', resolve, { once: true }));
    video.currentTime = seconds;
    await sought;
  },

  chooseHeight(height) {
    hls.currentLevel = hls.levels.findIndex((level) => level.height === height);
  },

  state() {
    return {
      seconds: video.currentTime,
      duration: video.duration,
      height: video.videoHeight,
      ended: video.ended,
      error: video.error?.message ?? null,
      bufferedFrom: video.buffered.length > 0 ? video.buffered.start(0) : null,
      heights: hls?.levels.map(({ height }) => height).sort((one, other) => one - other),
      subtitles: hls?.subtitleTracks.map(({ name, lang }) => `${name} ${lang}`),
      hlsErrors,
    };
  },

  /** Shows the first subtitles, and waits until one of their cues is there. @returns its words. */
  async firstCue() {
    hls.subtitleTrack = 0;
    for (;;) {
      const cue = [...video.textTracks].flatMap(({ cues }) => [...(cues ?? [])])[0];
      if (cue) return cue.text;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  },

  /** Mean of the pixels that are shown, 0 to 255. */
  brightness() {
    const context = new OffscreenCanvas(32, 18).getContext('2d');
    context.drawImage(video, 0, 0, 32, 18);
    const { data } = context.getImageData(0, 0, 32, 18);
    return data.reduce((sum, value, index) => (index % 4 === 3 ? sum : sum + value), 0) / (32 * 18 * 3);
  },
};
