using System.Text;

namespace Recs.Api.Tests.Serving;

public sealed class RankParserFuzzTests(RankEndpointTests.One one) : IClassFixture<RankEndpointTests.One>
{
    private const int Cases = 3_000;

    private static readonly string[] Seeds =
    [
        """{"user":"17850","surface":"home","n":20,"kinds":["content","ad"],"candidates":"auto","explain":false,"time":null}""",
        """{"user":"u3","candidates":["p01","p02","ad03"],"explain":true,"deadline_ms":50}""",
        """{"user":"u\u00fc\ud83d\ude00","n":1,"kinds":["ad"],"unknown":{"a":[1,2,{"b":null}]}}""",
    ];

    private static readonly string[] Pieces =
    [
        "{", "}", "[", "]", ":", ",", "\"", "\\", "\\u", "\\ud800", "null", "true", "-0", "1e999", "0.5", "99999999999999999999", "NaN", "\"user\":", "\"n\":", "\"candidates\":", "\"kinds\":",
        "\"time\":\"2011-11-05T10:00:00Z\"", "\0", "\u001f", "é", "\uFEFF", "/*", "//", new string('[', 40), new string('9', 400), new string('x', 300),
    ];

    [Fact]
    public async Task Rank_MutatedBodies_AreAnsweredOrRefused_NeverAFault()
    {
        var random = new Random(20_240_213);
        var met = new Dictionary<int, int>();
        using var client = new HttpClient { BaseAddress = one.Shop.Address };
        for (var i = 0; i < Cases; i++)
        {
            var body = Mutated(random);
            using var content = new ByteArrayContent(body);
            content.Headers.ContentType = new("application/json");
            using var answer = await client.PostAsync("/v1/rank", content);
            var status = (int)answer.StatusCode;
            Assert.True(status is 200 or 400 or 403, $"case {i}: {status} for {Convert.ToBase64String(body)}");
            if (status != 200) Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
            met[status] = met.GetValueOrDefault(status) + 1;
        }
        // The mutations reach behind the JSON parser: a good share is still answered, and a good share is not.
        Assert.InRange(met[200], Cases / 20, Cases);
        Assert.InRange(met[400], Cases / 4, Cases);
    }

    private static byte[] Mutated(Random random)
    {
        var bytes = Encoding.UTF8.GetBytes(Seeds[random.Next(Seeds.Length)]).ToList();
        for (var edits = random.Next(1, 4); edits > 0; edits--)
        {
            var at = random.Next(bytes.Count + 1);
            switch (random.Next(5))
            {
                case 0: bytes.InsertRange(at, Encoding.UTF8.GetBytes(Pieces[random.Next(Pieces.Length)])); break;
                case 1: bytes.RemoveRange(at, Math.Min(bytes.Count - at, random.Next(1, 8))); break;
                case 2 when at < bytes.Count: bytes[at] = (byte)random.Next(256); break;
                case 3 when at < bytes.Count: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                default: bytes.InsertRange(at, bytes.Skip(random.Next(bytes.Count + 1)).Take(random.Next(1, 20)).ToList()); break;
            }
        }
        return [.. bytes];
    }
}
