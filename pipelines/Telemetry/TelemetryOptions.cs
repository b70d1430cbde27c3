using System.CommandLine;
using System.Globalization;

namespace Recs.Pipelines.Telemetry;

/// <summary>Where a verb's metrics and traces go: nowhere, unless one of these is given.</summary>
internal sealed class TelemetryOptions
{
    private readonly Option<string?> _prometheus = new("--metrics")
    {
        Description = "Serve metrics for Prometheus at http://HOST:PORT/metrics, without authentication: name a host that only your scraper reaches, such as 127.0.0.1:9464.",
        HelpName = "HOST:PORT",
    };

    private readonly Option<Uri?> _otlp = new("--otlp")
    {
        Description = "Send metrics and traces to an OpenTelemetry collector (gRPC), such as http://127.0.0.1:4317. The variables OTEL_EXPORTER_OTLP_… hold for headers and the rest; OTEL_EXPORTER_OTLP_ENDPOINT alone is enough.",
        HelpName = "URL",
        CustomParser = result =>
        {
            if (Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var url) && url.Scheme is "http" or "https") return url;
            result.AddError($"--otlp is '{result.Tokens[0].Value}', not an http or https URL");
            return null;
        },
    };

    public TelemetryOptions() => _prometheus.Validators.Add(result =>
    {
        if (result.Tokens is [{ Value: var text }] && Place(text) is null) result.AddError($"--metrics is '{text}', not HOST:PORT with a port of 1 to 65535");
    });

    public IEnumerable<Option> All => [_prometheus, _otlp];

    /// <summary>Starts what was asked for; dispose it after the work, which sends what is left.</summary>
    /// <exception cref="Domain.RefusedException">The place for Prometheus is taken.</exception>
    public TelemetryExport Start(ParseResult parsed) => TelemetryExport.Start(
        Place(parsed.GetValue(_prometheus)), parsed.GetValue(_otlp), Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT") is { Length: > 0 });

    private static (string Host, int Port)? Place(string? text) =>
        text?.LastIndexOf(':') is > 0 and var colon && int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and < 65_536
            ? (text[..colon], port)
            : null;
}
