namespace Recs.Domain.Tests.Wire;

/// <summary>Messages as a producer might send them: valid ones with one part replaced.</summary>
internal static class Some
{
    public const string Time = "2011-11-05T10:00:00Z";

    /// <summary>A click; <paramref name="more"/> is put behind its fields.</summary>
    public static string Click(string more = "\"note\":null", string time = Time) =>
        $$"""{"type":"interaction","event_id":"e","schema":1,"time":"{{time}}","request_id":"r","user":"u","item":"i","action":"click",{{more}}}""";

    public static string Interaction(string fields) => $$"""{"type":"interaction","event_id":"e","schema":1,"time":"{{Time}}",{{fields}}}""";

    public static string Impression(string items) =>
        $$"""{"type":"impression","event_id":"e","schema":1,"time":"{{Time}}","request_id":"r","user":"u","surface":"home","items":{{items}}}""";

    public static string User(string attributes) =>
        $$"""{"type":"user","event_id":"e","schema":1,"time":"{{Time}}","user":"u","attributes":{{attributes}}}""";

    public static string Item(string fields) => $$"""{"type":"item","event_id":"e","schema":1,"time":"{{Time}}","item":"i",{{fields}}}""";

    public static string Ad(string bid = """{"per":"click","micros":1}""", string more = "\"daily_budget_micros\":1") =>
        Item($"\"kind\":\"ad\",\"advertiser\":\"a\",\"bid\":{bid},{more}");
}
