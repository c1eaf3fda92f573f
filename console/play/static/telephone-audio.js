// One microphone and one speaker for all telephones of the page.
//
// A page may make sound only after a click: `start` and `openMicrophone` belong into its listener.

const WORKLET = "/static/telephone-worklet.js";
const LOOP_MS = 2000; // the browser's loop is there at once, or not at all

/** The microphone cannot be used; the message is one sentence for the user. */
export class MicrophoneError extends Error {}

/** `onFrame(bytes)` gets 20 ms of the microphone, `onMicrophoneLevel(level)` and `onEarLevels({id: level})` ten times a
 * second how loud it is, from 0 to 1. */
export class TelephoneAudio {
  constructor({ onFrame, onMicrophoneLevel, onEarLevels }) {
    this.onFrame = onFrame;
    this.onMicrophoneLevel = onMicrophoneLevel;
    this.onEarLevels = onEarLevels;
    this.audible = [];
  }

  /** Makes the speaker ready. */
  async start() {
    if (!this.starting) this.starting = this.makeSpeaker();
    await this.starting;
    await this.speaker.context.resume();
  }

  /** Plays 160 bytes of what a telephone's user hears. */
  play(id, frame) {
    this.speaker?.port.postMessage({ id, frame: frame.slice() });
  }

  /** These telephones are heard; the others only move their meters. */
  listenTo(ids) {
    this.audible = ids;
    this.speaker?.port.postMessage({ audible: ids });
  }

  /** Rings, softly, as long as a telephone of the page does. Silent before `start`. */
  ring(rings) {
    if (rings === Boolean(this.ringing) || !this.output) return;
    if (rings) this.ringing = startRinging(this.output);
    else {
      this.ringing.stop();
      this.ringing = null;
    }
  }

  /** Raises MicrophoneError. Without effect while it is open. */
  async openMicrophone() {
    if (!this.opening) this.opening = this.makeMicrophone();
    try {
      await this.opening;
    } catch (error) {
      this.opening = null;
      throw error;
    }
  }

  /** Nobody speaks any more: the browser stops showing that it listens. */
  async closeMicrophone() {
    const opening = this.opening;
    this.opening = null;
    const microphone = await opening?.catch(() => null);
    microphone?.stop();
    this.onMicrophoneLevel(0);
  }

  async makeSpeaker() {
    const context = new AudioContext();
    await context.audioWorklet.addModule(WORKLET);
    this.speaker = new AudioWorkletNode(context, "telephone-playback", { numberOfInputs: 0, outputChannelCount: [1] });
    this.speaker.port.onmessage = ({ data }) => this.onEarLevels(data.levels);
    this.listenTo(this.audible);
    this.output = new GainNode(context);
    this.speaker.connect(this.output);
    await connectSpeaker(context, this.output);
  }

  async makeMicrophone() {
    const stream = await askForMicrophone();
    const { context, source } = await openContext(stream);
    const node = new AudioWorkletNode(context, "telephone-capture", { numberOfOutputs: 1 });
    node.port.onmessage = ({ data }) => {
      this.onFrame(data.frame);
      if (data.level !== null) this.onMicrophoneLevel(data.level);
    };
    source.connect(node).connect(context.destination); // it gives silence; a node that leads nowhere may not run
    await context.resume();
    return {
      stop() {
        for (const track of stream.getTracks()) track.stop();
        context.close();
      },
    };
  }
}

/** Two notes for a second, and three seconds of silence, again and again. */
function startRinging(output) {
  const { context } = output;
  const { sampleRate } = context;
  const buffer = context.createBuffer(1, 4 * sampleRate, sampleRate);
  const samples = buffer.getChannelData(0);
  for (let index = 0; index < sampleRate; index++) {
    const at = (2 * Math.PI * index) / sampleRate;
    samples[index] = 0.05 * (Math.sin(440 * at) + Math.sin(480 * at));
  }
  const ringing = new AudioBufferSourceNode(context, { buffer, loop: true });
  ringing.connect(output);
  ringing.start();
  return ringing;
}

async function askForMicrophone() {
  if (!navigator.mediaDevices) throw new MicrophoneError("This browser gives a page no microphone.");
  try {
    const audio = { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true };
    return await navigator.mediaDevices.getUserMedia({ audio });
  } catch (error) {
    throw new MicrophoneError(describe(error));
  }
}

function describe(error) {
  const typed = "Until then typed sentences work, and recorded ones where they are offered.";
  if (error.name === "NotAllowedError") {
    return `This page may not use the microphone: allow it in the browser’s address bar, and press “Use the microphone”. ${typed}`;
  }
  if (error.name === "NotFoundError")
    return `No microphone was found: plug one in, and press “Use the microphone”. ${typed}`;
  return `The microphone cannot be used (${error.message || error.name}): another program may have it. ${typed}`;
}

/** The browser changes the rate where it can; Firefox before 151 refuses a microphone of another rate than the context's. */
async function openContext(stream) {
  for (const options of [{ sampleRate: 8000 }, {}]) {
    let context;
    try {
      context = new AudioContext(options);
      const source = context.createMediaStreamSource(stream);
      await context.audioWorklet.addModule(WORKLET);
      return { context, source };
    } catch (error) {
      await context?.close();
      if (options.sampleRate === undefined) throw new MicrophoneError(describe(error));
    }
  }
}

/** Chromium's echo canceller knows only what a media element plays: so the sound goes through a connection of the browser
 * with itself (crbug.com/687574). Where that does not come up, it goes to the speaker directly. */
async function connectSpeaker(context, node) {
  const out = context.createMediaStreamDestination();
  node.connect(out);
  try {
    const element = new Audio();
    element.srcObject = await sendThroughLoop(out.stream);
    await element.play();
  } catch {
    node.disconnect();
    node.connect(context.destination);
  }
}

async function sendThroughLoop(stream) {
  const [from, to] = [new RTCPeerConnection(), new RTCPeerConnection()];
  from.onicecandidate = ({ candidate }) => candidate && to.addIceCandidate(candidate);
  to.onicecandidate = ({ candidate }) => candidate && from.addIceCandidate(candidate);
  const arrived = new Promise((resolve, reject) => {
    to.ontrack = ({ streams }) => (to.looped = streams[0]);
    to.onconnectionstatechange = () => to.connectionState === "connected" && resolve(to.looped);
    setTimeout(() => reject(new Error("no loop")), LOOP_MS);
  });
  for (const track of stream.getTracks()) from.addTrack(track, stream);
  await from.setLocalDescription(await from.createOffer());
  await to.setRemoteDescription(from.localDescription);
  await to.setLocalDescription(await to.createAnswer());
  await from.setRemoteDescription(to.localDescription);
  return arrived;
}
