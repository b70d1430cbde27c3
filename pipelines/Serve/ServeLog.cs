using System.Text;
using System.Text.Json;
using Recs.Api.Serving;

namespace Recs.Pipelines.Serve;

/// <summary>What a server says while it runs: plain lines on stderr, or one JSON object a line on stdout, requests among them. Safe from any thread.</summary>
internal sealed class ServeLog(bool json, TimeProvider clock)
{
    private readonly Lock _gate = new();

    /// <summary>Takes each request; null in plain text, which does not tell of them.</summary>
    public Action<RequestLine>? Requests => json ? Request : null;

    /// <summary>Takes a message.</summary>
    public void Line(string text)
    {
        if (json) Write(writer => writer.WriteString("message", text));
        else Console.Error.WriteLine(text);
    }

    private void Request(RequestLine line) => Write(writer =>
    {
        writer.WriteString("route", line.Route);
        writer.WriteNumber("status", line.Status);
        writer.WriteNumber("ms", Math.Round(line.Milliseconds, 3));
        if (line.Key is { } key) writer.WriteString("key", key);
    });

    private void Write(Action<Utf8JsonWriter> fields)
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes))
        {
            writer.WriteStartObject();
            writer.WriteString("time", clock.GetUtcNow());
            fields(writer);
            writer.WriteEndObject();
        }
        lock (_gate) Console.Out.WriteLine(Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length));
    }
}
