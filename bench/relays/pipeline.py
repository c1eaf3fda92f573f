"""A peer: pipecat's standard phone pipeline, with OpenAI's Realtime service in its middle.

* As in its Twilio and Realtime examples: its WebSocket transport with its Twilio serializer, a pair of context
  aggregators, 8 kHz on the phone's side, metrics on, turn detection by the service.
* Unlike the examples: it does not hang up with Twilio's API at the end of a call, because that is on the internet, and
  it logs warnings only.

pipecat always sends PCM of 24 kHz to the service: every frame is decoded, resampled and encoded again in both
directions, and comes back with other bytes. So its CPU is measured, and how much of the audio came back in time, but
not the delay of a frame.

`python -m bench.relays.pipeline` reads HOST, PORT, REALTIME_URL and OPENAI_API_KEY. It runs in `.venv-peers`.
"""

import os
import sys
from typing import Any

import uvicorn
from loguru import logger
from pipecat.frames.frames import LLMRunFrame
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineParams, PipelineWorker
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.aggregators.llm_response_universal import LLMContextAggregatorPair
from pipecat.runner.utils import parse_telephony_websocket
from pipecat.serializers.twilio import TwilioFrameSerializer
from pipecat.services.openai.realtime.llm import OpenAIRealtimeLLMService
from pipecat.transports.websocket.fastapi import FastAPIWebsocketParams, FastAPIWebsocketTransport
from pipecat.workers.runner import WorkerRunner
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

PHONE_HZ = 8000


async def media_stream(phone: WebSocket) -> None:
    await phone.accept()
    _, call = await parse_telephony_websocket(phone)
    transport = FastAPIWebsocketTransport(phone, _make_transport_params(call["stream_id"]))
    model = OpenAIRealtimeLLMService(
        api_key=os.environ["OPENAI_API_KEY"],
        base_url=os.environ["REALTIME_URL"],
        settings=OpenAIRealtimeLLMService.Settings(system_instruction="You answer the phone. Be brief."),
    )
    user_context, assistant_context = LLMContextAggregatorPair(
        LLMContext([{"role": "developer", "content": "Greet the caller."}])
    )
    worker = PipelineWorker(
        Pipeline([transport.input(), user_context, model, transport.output(), assistant_context]),
        params=PipelineParams(
            audio_in_sample_rate=PHONE_HZ,
            audio_out_sample_rate=PHONE_HZ,
            enable_metrics=True,
            enable_usage_metrics=True,
        ),
    )
    _add_event_handlers(transport, worker)
    runner = WorkerRunner(handle_sigint=False)
    await runner.add_workers(worker)
    await runner.run()


def _make_transport_params(stream_sid: str) -> Any:
    serializer = TwilioFrameSerializer(stream_sid, params=TwilioFrameSerializer.InputParams(auto_hang_up=False))
    return FastAPIWebsocketParams(audio_in_enabled=True, audio_out_enabled=True, serializer=serializer)


def _add_event_handlers(transport: Any, worker: Any) -> None:
    async def connected(_transport: Any, _phone: Any) -> None:
        await worker.queue_frames([LLMRunFrame()])

    async def disconnected(_transport: Any, _phone: Any) -> None:
        await worker.cancel()

    transport.add_event_handler("on_client_connected", connected)
    transport.add_event_handler("on_client_disconnected", disconnected)


app = Starlette(routes=[WebSocketRoute("/media-stream", media_stream)])

if __name__ == "__main__":
    logger.remove()
    logger.add(sys.stderr, level="WARNING")
    uvicorn.run(app, host=os.environ["HOST"], port=int(os.environ["PORT"]), log_level="warning")
