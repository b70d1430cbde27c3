using Recs.Domain;

namespace Recs.Pipelines.Datasets.OnlineRetail;

/// <summary>One line of an invoice.</summary>
/// <param name="Customer">Customer number.</param>
/// <param name="Item">Stock code.</param>
/// <param name="Time">To the minute.</param>
/// <param name="Quantity">At least 1.</param>
/// <param name="UnitPriceMicros">Millionths of a pound.</param>
/// <param name="Country">Of the customer.</param>
internal readonly record struct Purchase(string Customer, string Item, Timestamp Time, int Quantity, long UnitPriceMicros, string Country);

/// <summary>One product.</summary>
/// <param name="Item">Stock code.</param>
/// <param name="Title">In capitals, as the shop wrote it.</param>
/// <param name="MedianPrice">In pounds.</param>
/// <param name="FirstSold">Its first purchase in the data.</param>
internal readonly record struct Product(string Item, string Title, double MedianPrice, Timestamp FirstSold);
