"""Clients in languages that are compiled, made of the API's description: `make generated-clients`.

Not among the tests of each run: Go, a JDK with Maven, and what they fetch and compile cost more than all other journeys together, and
Debian 12's own Go is older than what the generator needs (1.24).
"""

import shutil
from pathlib import Path

from tests.journeys.test_generated_clients import assert_fits, description, ran, settings

__all__ = ["description", "settings"]
HERE = Path(__file__).parent
OAPI_CODEGEN = "github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen@v2.8.2"
OPENAPI_GENERATOR = "org.openapitools:openapi-generator-cli:7.14.0"
CONFIGURATION = "package: api\noutput: api/api.go\ngenerate: {models: true, client: true}\n"


def test_of_oapi_codegen_in_go(settings: dict[str, str], description: Path, tmp_path: Path) -> None:
    (tmp_path / "api").mkdir()
    (tmp_path / "configuration.yaml").write_text(CONFIGURATION)
    shutil.copy(HERE / "main.go", tmp_path)
    ran("go", "mod", "init", "varco.example/client", cwd=tmp_path)
    ran("go", "run", OAPI_CODEGEN, "-config", "configuration.yaml", description, cwd=tmp_path)
    ran("go", "mod", "tidy", cwd=tmp_path)
    ran("go", "vet", "./...", cwd=tmp_path)
    assert_fits(ran("go", "run", ".", cwd=tmp_path, env=settings))


def test_of_openapi_generator_in_java(settings: dict[str, str], description: Path, tmp_path: Path) -> None:
    maven = ["mvn", "--quiet", "--batch-mode"]
    copied = [
        "dependency:copy",
        f"-Dartifact={OPENAPI_GENERATOR}",
        f"-DoutputDirectory={tmp_path}",
        "-Dmdep.stripVersion=true",
    ]
    ran(*maven, *copied, cwd=tmp_path)
    generate = [
        "java",
        "-jar",
        "openapi-generator-cli.jar",
        "generate",
        "-g",
        "java",
        "--library",
        "native",
        "-o",
        "made",
    ]
    ran(*generate, "--additional-properties", "useJakartaEe=true", "-i", description, cwd=tmp_path)
    made = tmp_path / "made"
    libraries = ["dependency:copy-dependencies", "-DincludeScope=runtime", "-DoutputDirectory=libraries"]
    ran(*maven, "-Dmaven.test.skip=true", "compile", *libraries, cwd=made)
    shutil.copy(HERE / "Program.java", made)
    on_path = ["-cp", "target/classes:libraries/*"]
    ran("javac", *on_path, "-d", "target/classes", "-Werror", "-Xlint", "Program.java", cwd=made)
    assert_fits(ran("java", *on_path, "Program", cwd=made, env=settings))
