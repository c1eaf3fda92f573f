"""What a session can be configured to be, as tables of fields for `session.update` and for a single response.

Follows the GA interface of OpenAI's Realtime API: the types of the `openai` package 3.54, tightened by what
the service refuses although those types accept it (`rate` for mu-law, beta fields, bounds). What is left out is in
`not_simulated.py`.
"""

from sandbox.openai.schemas import (
    Anything,
    Boolean,
    Document,
    Either,
    Integer,
    ListOf,
    Null,
    Number,
    OneOf,
    Tagged,
    Text,
)

VOICES = ("alloy", "ash", "ballad", "coral", "echo", "sage", "shimmer", "verse", "marin", "cedar")

_NULL = Null()
MAX_OUTPUT_TOKENS = Either(OneOf("inf"), Integer(1))  # at most the model's own limit: `configuration.py`
REASONING = Document({"effort": OneOf("minimal", "low", "medium", "high", "xhigh")})

# mu-law has one rate only, and saying it is an error: "Unknown parameter: 'session.audio.input.format.rate'."
AUDIO_FORMAT = Tagged(
    "type",
    {
        "audio/pcm": Document({"type": OneOf("audio/pcm"), "rate": OneOf(24000)}),
        "audio/pcmu": Document({"type": OneOf("audio/pcmu")}),
    },
)
VOICE = Either(Document({"id": Text()}, required=("id",)), OneOf(*VOICES))
FUNCTION_NAME = Text(pattern="[a-zA-Z0-9_-]+", longest=64)
TOOL = Tagged(
    "type",
    {
        "function": Document(
            {
                "type": OneOf("function"),
                "name": FUNCTION_NAME,
                "description": Text(),
                "parameters": Anything(),
            },
            required=("name",),
        )
    },
)
TOOL_CHOICE = Either(
    Tagged("type", {"function": Document({"type": OneOf("function"), "name": FUNCTION_NAME}, required=("name",))}),
    OneOf("auto", "none", "required"),
)
_SERVER_VAD = Document(
    {
        "type": OneOf("server_vad"),
        "threshold": Number(0.0, 1.0),
        "prefix_padding_ms": Integer(0),
        "silence_duration_ms": Integer(0),
        "create_response": Boolean(),
        "interrupt_response": Boolean(),
        "idle_timeout_ms": Either(_NULL, Integer(5000, 30000)),
    }
)
_SEMANTIC_VAD = Document(
    {
        "type": OneOf("semantic_vad"),
        "eagerness": OneOf("low", "medium", "high", "auto"),
        "create_response": Boolean(),
        "interrupt_response": Boolean(),
    }
)
_TRANSCRIPTION = Document(
    {
        "model": OneOf(
            "whisper-1",
            "gpt-transcribe",
            "gpt-live-transcribe",
            "gpt-4o-mini-transcribe",
            "gpt-4o-mini-transcribe-2025-12-15",
            "gpt-4o-transcribe",
            "gpt-4o-transcribe-diarize",
            "gpt-realtime-whisper",
        ),
        "language": Text(),
        "languages": ListOf(Text()),
        "keywords": ListOf(Text()),
        "prompt": Text(),
        "delay": OneOf("minimal", "low", "medium", "high", "xhigh"),
    }
)
_AUDIO = Document(
    {
        "input": Document(
            {
                "format": AUDIO_FORMAT,
                "turn_detection": Either(
                    _NULL, Tagged("type", {"server_vad": _SERVER_VAD, "semantic_vad": _SEMANTIC_VAD})
                ),
                "transcription": Either(_NULL, _TRANSCRIPTION),
                "noise_reduction": Either(
                    _NULL, Document({"type": OneOf("near_field", "far_field"), "strength": Number(0.0)})
                ),
            }
        ),
        "output": Document({"format": AUDIO_FORMAT, "voice": VOICE, "speed": Number(0.25, 1.5)}),
    }
)
_TRUNCATION = Either(
    OneOf("auto", "disabled"),
    Tagged(
        "type",
        {
            "retention_ratio": Document(
                {
                    "type": OneOf("retention_ratio"),
                    "retention_ratio": Number(0.0, 1.0),
                    "token_limits": Document({"post_instructions": Integer(0)}),
                },
                required=("retention_ratio",),
            )
        },
    ),
)
_TRACING = Document({"workflow_name": Text(), "group_id": Text(), "metadata": Anything()})
SESSION = Document(
    {
        "type": OneOf("realtime"),
        "model": Text(),
        "output_modalities": ListOf(OneOf("text", "audio")),
        "instructions": Text(),
        "audio": _AUDIO,
        "tools": ListOf(TOOL),
        "tool_choice": TOOL_CHOICE,
        "max_output_tokens": MAX_OUTPUT_TOKENS,
        "truncation": _TRUNCATION,
        "reasoning": REASONING,
        "parallel_tool_calls": Boolean(),
        "tracing": Either(_NULL, OneOf("auto"), _TRACING),
        "include": Either(_NULL, ListOf(OneOf("item.input_audio_transcription.logprobs"))),
    },
    required=("type",),
)
