using Recs.Domain;
using Recs.Pipelines.Ingest;

namespace Recs.Pipelines.Tests.Ingest;

public sealed class ClientOptionsTests
{
    [Fact]
    public void Of_Variables_AreNamedAsTheClientNamesThem()
    {
        var options = ClientOptions.Of([new("RECS_KAFKA_SASL_PASSWORD", "p=1"), new("RECS_KAFKA_", "x"), new("RECS_HOME", "y")]);
        Assert.Equal(("sasl.password", "p=1"), Assert.Single(options.Select(option => (option.Key, option.Value))));
    }

    [Fact]
    public void Add_LinesOfAFile_WinOverWhatWasThere()
    {
        var options = new Dictionary<string, string> { ["sasl.username"] = "old" };
        ClientOptions.Add(options, "f", ["# secrets", "", "  sasl.username = new ", "sasl.password=a#b=c"]);
        Assert.Equal(("new", "a#b=c"), (options["sasl.username"], options["sasl.password"]));
    }

    [Fact]
    public void Add_ALineThatIsNone_NamesItsPlaceAndNotItsText()
    {
        var refused = Assert.Throws<RefusedException>(() => ClientOptions.Add([], "client.properties", ["a=b", "sasl.password secret"]));
        Assert.Equal("client.properties, line 2: is not NAME=VALUE", refused.Message);
    }
}
