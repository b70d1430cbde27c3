using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Recs.Domain;
using Recs.Ranker.Bidding;

namespace Recs.Pipelines.Quality.IPinYou;

/// <summary>The two files of a campaign.</summary>
internal static class IPinYouFiles
{
    /// <summary>A test file's lines: click (0 or 1), market price, predicted click rate, separated by blanks.</summary>
    public static IReadOnlyList<LoggedAuction> Auctions(string path)
    {
        if (!File.Exists(path)) throw new RefusedException($"{path} is not there; the data folder must hold {Path.GetFileName(path)}");
        List<LoggedAuction> auctions = [];
        foreach (var line in File.ReadLines(path))
        {
            var values = line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            RefusedException Wrong(string what) => new($"{path}, line {auctions.Count + 1}: {what}");
            if (values.Length != 3) throw Wrong($"{values.Length} values, expected 3: click, market price, predicted click rate");
            if (values[0] is not ("0" or "1")) throw Wrong($"the click is '{values[0]}', expected 0 or 1");
            if (!int.TryParse(values[1], CultureInfo.InvariantCulture, out var price) || price < 0) throw Wrong($"the market price is '{values[1]}', expected a whole number from 0 on");
            if (!double.TryParse(values[2], CultureInfo.InvariantCulture, out var rate) || rate is not (>= 0 and <= 1)) throw Wrong($"the predicted click rate is '{values[2]}', expected a number from 0 to 1");
            auctions.Add(new(values[0] == "1", price, rate));
        }
        return auctions.Count > 0 ? auctions : throw new RefusedException($"{path} holds no auctions");
    }

    /// <summary>info.json: what the campaign's earlier impressions say.</summary>
    public static CampaignHistory History(string folder)
    {
        var path = Path.Combine(folder, "info.json");
        if (!File.Exists(path)) throw new RefusedException($"{path} is not there; the data folder must hold info.json");
        try
        {
            var history = JsonSerializer.Deserialize(File.ReadAllText(path), CampaignJson.Default.CampaignHistory) ?? throw new JsonException("it holds null");
            if (history.ImpTrain <= 0 || history.ClkTrain <= 0 || history.CostTrain <= 0 || history.PriceCounterTrain.Length == 0 || history.PriceCounterTrain.Any(count => count < 0))
                throw new JsonException("imp_train, clk_train and cost_train must be above 0, price_counter_train a list of counts");
            return history;
        }
        catch (JsonException wrong)
        {
            throw new RefusedException($"{path}: {wrong.Message}", wrong);
        }
    }
}

/// <summary>A campaign's impressions before the judged auctions: all that a bidder knows beforehand.</summary>
/// <param name="ImpTrain">Impressions.</param>
/// <param name="ClkTrain">Clicks.</param>
/// <param name="CostTrain">Paid.</param>
/// <param name="PriceCounterTrain">Auctions by market price from 0.</param>
internal sealed record CampaignHistory(long ImpTrain, long ClkTrain, long CostTrain, long[] PriceCounterTrain)
{
    public double ClickRate => (double)ClkTrain / ImpTrain;

    /// <summary>Cost of a click.</summary>
    public double ClickCost => (double)CostTrain / ClkTrain;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(CampaignHistory))]
internal sealed partial class CampaignJson : JsonSerializerContext;
