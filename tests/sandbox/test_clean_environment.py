"""The developer's environment."""

from sandbox.clean_environment import remove_developer_settings


def test_proxies_and_aws_are_forgotten_and_nothing_else() -> None:
    kept = {"PATH": "/bin", "OPENAI_API_KEY": "sk-1", "PROXY": "x", "LAWS_OF": "y"}
    dropped = dict.fromkeys(("HTTP_PROXY", "https_proxy", "NO_PROXY", "AWS_PROFILE", "AWS_ENDPOINT_URL"), "z")
    environment = kept | dropped
    remove_developer_settings(environment)
    assert environment == kept
