using System.Net;
using System.Text;
using System.Text.Json;
using Recs.Domain;
using Recs.Domain.Events;
using Recs.Domain.Items;
using Recs.Domain.Wire;

namespace Recs.Api.Tests;

public sealed class EventsEndpointTests : IAsyncLifetime
{
    private ServedShop _shop = null!;

    public async ValueTask InitializeAsync() => _shop = await ServedShop.Start();

    public ValueTask DisposeAsync() => _shop.DisposeAsync();

    [Fact]
    public async Task Post_Purchases_ChangeTheNextAnswer()
    {
        const string Request = """{"user":"newcomer","n":60,"kinds":["content"]}""";
        var before = Scores(await _shop.Rank(Request));
        Event[] bought = [.. Enumerable.Range(0, 3).Select(i => new Interaction(new($"new{i}"), TinyShop.End.Plus(TimeSpan.FromSeconds(i)), null, new("newcomer"), new("p41"), InteractionType.Conversion, 0, 0))];
        var (status, body, _) = await _shop.Post("/v1/events", $"[{string.Join(',', bought.Select(Text))}]");
        Assert.Equal((HttpStatusCode.Accepted, 3), (status, body.GetProperty("accepted").GetInt32()));
        Assert.Equal(3, body.GetProperty("types").GetProperty("interaction").GetInt32());
        await _shop.Folded(TinyShop.Facts.Count + 3);
        var after = Scores(await _shop.Rank(Request));
        Assert.NotEqual(before, after);
        // A resend is not folded in again.
        await _shop.Post("/v1/events", Text(bought[0]));
        await _shop.Post("/v1/events", Text(new ItemUpserted(new("pause"), TinyShop.End, new Item { Id = new("p41"), Title = "Product 41", Status = ItemStatus.Paused })));
        await _shop.Folded(TinyShop.Facts.Count + 4);
        Assert.Equal(TinyShop.Facts.Count + 4, _shop.Live.Status.Facts);
        Assert.DoesNotContain("p41", Scores(await _shop.Rank(Request)).Keys);
    }

    [Fact]
    public async Task Post_InvalidAmongValid_PublishesNoneAndNamesEach()
    {
        var good = Text(new UserUpserted(new("x1"), TinyShop.End, new UserId("u1"), AttributeSet.Empty));
        var (status, body, type) = await _shop.Post("/v1/events", $$"""[{{good}},{"type":"purchase"},{"type":"user","event_id":"x2","schema":1,"time":"2031-01-01T00:00:00Z","user":"u1"}]""");
        Assert.Equal((HttpStatusCode.BadRequest, "application/problem+json"), (status, type));
        Assert.Equal([(1, "unknown_type"), (2, "future_time")], body.GetProperty("errors").EnumerateArray()
            .Select(error => (error.GetProperty("index").GetInt32(), error.GetProperty("reason").GetString())));
        foreach (var (sent, says) in new[] { ("7", "neither an event"), ("[7]", "index 0"), ("{", "JSON"), ($"[{string.Join(',', Enumerable.Repeat(good, 1_001))}]", "limit 1000") })
        {
            (status, body, _) = await _shop.Post("/v1/events", sent);
            Assert.Equal(HttpStatusCode.BadRequest, status);
            Assert.Contains(says, body.GetProperty("detail").GetString(), StringComparison.Ordinal);
        }
        (status, body, _) = await _shop.Post("/v1/events", good);
        Assert.Equal(HttpStatusCode.Accepted, status);
        await _shop.Folded(TinyShop.Facts.Count + 1);
        Assert.Equal(TinyShop.Facts.Count + 1, _shop.Live.Status.Facts);
    }

    private static Dictionary<string, double> Scores(JsonElement answer) => answer.GetProperty("slate").EnumerateArray()
        .ToDictionary(entry => entry.GetProperty("item").GetString()!, entry => entry.GetProperty("score").GetDouble());

    private static string Text(Event source) => Encoding.UTF8.GetString(EventCodec.Write(source));
}
