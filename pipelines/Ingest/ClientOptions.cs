using System.Collections;
using Recs.Domain;

namespace Recs.Pipelines.Ingest;

/// <summary>Options of librdkafka from where an operator keeps them. Their values may be secrets: messages name places, never texts.</summary>
internal static class ClientOptions
{
    private const string Prefix = "RECS_KAFKA_";

    /// <summary>RECS_KAFKA_SASL_PASSWORD is sasl.password.</summary>
    public static Dictionary<string, string> OfEnvironment() => Of(Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
        .Select(entry => KeyValuePair.Create((string)entry.Key, (string?)entry.Value ?? "")));

    /// <inheritdoc cref="OfEnvironment"/>
    public static Dictionary<string, string> Of(IEnumerable<KeyValuePair<string, string>> variables) => variables
        .Where(variable => variable.Key.Length > Prefix.Length && variable.Key.StartsWith(Prefix, StringComparison.Ordinal))
        .ToDictionary(variable => variable.Key[Prefix.Length..].ToLowerInvariant().Replace('_', '.'), variable => variable.Value, StringComparer.Ordinal);

    /// <summary>Lines NAME=VALUE; blank ones and those that begin with # are passed over.</summary>
    /// <exception cref="RefusedException">A line is something else.</exception>
    public static void Add(Dictionary<string, string> options, string file, IEnumerable<string> lines)
    {
        foreach (var (at, line) in lines.Index())
        {
            var text = line.Trim();
            if (text.Length > 0 && text[0] != '#' && !TryAdd(options, text)) throw new RefusedException($"{file}, line {at + 1}: is not NAME=VALUE");
        }
    }

    /// <returns>False when it is not NAME=VALUE.</returns>
    public static bool TryAdd(Dictionary<string, string> options, string option)
    {
        var equals = option.IndexOf('=', StringComparison.Ordinal);
        if (equals < 1) return false;
        options[option[..equals].TrimEnd()] = option[(equals + 1)..].TrimStart();
        return true;
    }
}
